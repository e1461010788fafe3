using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Settings;

namespace FleetManager.Server.Features.Settings;

/// <summary>
/// The settings that a device should have, and what it said last, of this revision or an older one. Revision 0 is the product's defaults,
/// saved by nobody.
/// </summary>
internal sealed record SettingsView(
    long Revision,
    JsonElement Sections,
    string? IssuedBy,
    DateTimeOffset? IssuedAt,
    ReportedSettings? Reported,
    DateTimeOffset? ReportedAt,
    SettingsProgress Progress);

/// <summary>How far the wanted settings have come. Only the device's own report of that very revision and hash goes past "sent".</summary>
internal enum SettingsProgress
{
    /// <summary>Nobody has changed anything.</summary>
    [JsonStringEnumMemberName("default")] Default,

    /// <summary>Saved; the device is not connected.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>On their way; no answer yet.</summary>
    [JsonStringEnumMemberName("sent")] Sent,

    /// <summary>In force.</summary>
    [JsonStringEnumMemberName("applied")] Applied,

    /// <summary>Some sections are in force, the others kept their last good value.</summary>
    [JsonStringEnumMemberName("partlyApplied")] PartlyApplied,

    /// <summary>The device refused the whole document.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}

/// <summary>What became of a save.</summary>
internal abstract record SaveResult
{
    private SaveResult()
    {
    }

    /// <summary>Stored, and on its way if the device is connected.</summary>
    public sealed record Saved(long Revision) : SaveResult;

    /// <summary>Somebody else saved since; nothing was stored. <paramref name="Current"/> says what, who and when.</summary>
    public sealed record Conflict(SettingsView Current) : SaveResult;

    /// <summary>Nothing was stored.</summary>
    public sealed record Invalid(IReadOnlyList<SectionFault> Faults) : SaveResult;

    /// <summary>The workspace has no such device.</summary>
    public sealed record NotFound : SaveResult;
}

/// <summary>What is wrong in which section; an empty section means the document as a whole.</summary>
internal sealed record SectionFault(string Section, SettingFault Fault);
