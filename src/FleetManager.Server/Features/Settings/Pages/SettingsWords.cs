using FleetManager.Contracts.Settings;
using FleetManager.Server.Components.Widgets;

namespace FleetManager.Server.Features.Settings.Pages;

/// <summary>Says how far settings have come; what was sent is never called applied.</summary>
internal static class SettingsWords
{
    public static (string Text, Tone Tone) Of(SettingsProgress progress) => progress switch
    {
        SettingsProgress.Default => ("default", Tone.Neutral),
        SettingsProgress.Pending => ("pending", Tone.Warning),
        SettingsProgress.Sent => ("sent", Tone.Busy),
        SettingsProgress.Applied => ("applied", Tone.Good),
        SettingsProgress.PartlyApplied => ("partly applied", Tone.Warning),
        _ => ("rejected", Tone.Bad),
    };

    public static string Help(SettingsProgress progress) => progress switch
    {
        SettingsProgress.Default => "Nobody has changed anything: the product's defaults are in force.",
        SettingsProgress.Pending => "Saved; the device is not connected and gets it as soon as it is.",
        SettingsProgress.Sent => "On its way to the device; no answer yet.",
        SettingsProgress.Applied => "The device says that this revision is in force.",
        SettingsProgress.PartlyApplied => "Some sections are in force; the others kept their last good values.",
        _ => "The device refused this revision and kept its last good values.",
    };

    /// <summary>The state of one section: the device's own word for it, or how far the whole document has come.</summary>
    public static (string Text, Tone Tone, SectionReport? Report) OfSection(SettingsView view, string section) =>
        view.Progress is SettingsProgress.Applied or SettingsProgress.PartlyApplied or SettingsProgress.Rejected
        && view.Reported?.Sections.GetValueOrDefault(section) is { } report
            ? report.State == SettingsState.Applied ? ("applied", Tone.Good, report) : ("rejected", Tone.Bad, report)
            : (Of(view.Progress).Text, Of(view.Progress).Tone, null);
}
