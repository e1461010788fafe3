using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Settings;

/// <summary>Body of <c>up/settings</c> (design 5.2): what became of the desired document.</summary>
/// <param name="Revision">The revision that this speaks of.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="State">See <see cref="SettingsState"/>.</param>
/// <param name="Sections">What became of each section, by name.</param>
/// <param name="Ignored">Paths of keys that this agent does not know.</param>
public sealed record ReportedSettings(
    long Revision,
    string Hash,
    SettingsState State,
    IReadOnlyDictionary<string, SectionReport> Sections,
    IReadOnlyList<string> Ignored)
{
    /// <summary>Why the document as a whole was refused; null when it was not.</summary>
    public SettingFault? Fault { get; init; }
}

/// <summary>What became of a document or a section.</summary>
public enum SettingsState
{
    /// <summary>In force.</summary>
    [JsonStringEnumMemberName("applied")] Applied,

    /// <summary>Some sections are in force, others kept their last good value.</summary>
    [JsonStringEnumMemberName("partlyApplied")] PartlyApplied,

    /// <summary>Not in force; the last good value is.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}

/// <summary>What became of one section.</summary>
/// <param name="State"><c>applied</c> or <c>rejected</c>.</param>
/// <param name="Code">Why it was rejected, for programs.</param>
/// <param name="Path">The key at fault, within the section.</param>
/// <param name="Message">Why, for people.</param>
/// <param name="EffectiveRevision">The revision whose value of this section is in force; 0 is the product's default.</param>
public sealed record SectionReport(
    SettingsState State,
    string? Code = null,
    string? Path = null,
    string? Message = null,
    long? EffectiveRevision = null);

/// <summary>What is wrong with a document or a section.</summary>
/// <param name="Code">For programs: <c>range</c>, <c>type</c>, <c>choice</c>, <c>required</c>, <c>hash</c>, <c>json</c>, <c>apply</c>.</param>
/// <param name="Path">The key at fault; empty for the whole.</param>
/// <param name="Message">For people, with the allowed range.</param>
public sealed record SettingFault(string Code, string Path, string Message);
