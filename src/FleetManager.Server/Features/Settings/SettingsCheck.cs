using System.Text;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Settings;

/// <summary>Checks a document before it is saved, more strictly than an agent does: a key that nothing knows is a typing error.</summary>
internal static class SettingsCheck
{
    /// <summary>Far above any honest document, and far below the broker's packet ceiling.</summary>
    public const int MaxLength = 32 * 1024;

    /// <summary>All that is wrong; empty when the document can be saved.</summary>
    public static IReadOnlyList<SectionFault> Faults(JsonElement sections)
    {
        if (sections.ValueKind != JsonValueKind.Object)
        {
            return [new SectionFault("", new SettingFault("type", "", "sections must be an object"))];
        }

        var text = sections.GetRawText();
        if (text.Length > MaxLength)
        {
            return [new SectionFault("", new SettingFault("range", "", $"the document must have at most {MaxLength} characters"))];
        }

        if (JsonTypeFault.Unkeepable(Encoding.UTF8.GetBytes(text)) is { } broken)
        {
            return [new SectionFault("", new SettingFault("text", "", (broken with { Path = "sections" }).ToString()))];
        }

        var faults = new List<SectionFault>();
        foreach (var given in sections.EnumerateObject())
        {
            if (SettingsCatalog.Sections.FirstOrDefault(s => s.Name == given.Name) is not { } section)
            {
                var known = string.Join(", ", SettingsCatalog.Sections.Select(s => s.Name));
                faults.Add(new SectionFault(given.Name, new SettingFault("unknown", "", $"'{given.Name}' is not a section; the sections are {known}")));
                continue;
            }

            faults.AddRange(section.Check(given.Value, out var ignored).Select(f => new SectionFault(section.Name, f)));
            faults.AddRange(SettingsSecrets.Faults(section, given.Value).Select(f => new SectionFault(section.Name, f)));
            faults.AddRange(ignored.Select(path => new SectionFault(
                section.Name,
                new SettingFault("unknown", path[(section.Name.Length + 1)..], $"'{path}' is not a setting"))));
        }

        return faults;
    }

    /// <summary>
    /// The whole document of what a person saved: absent settings take the product's default, and every value is written the one way
    /// that a database which keeps JSON by meaning, not by letter, gives back unchanged. The hash depends on that.
    /// </summary>
    public static JsonElement Complete(JsonElement sections)
    {
        var settings = sections.Deserialize(ContractsJson.Default.AgentSettings) ?? new AgentSettings();
        return JsonSerializer.SerializeToElement(settings, ContractsJson.Default.AgentSettings);
    }
}
