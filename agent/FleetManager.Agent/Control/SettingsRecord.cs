using System.Text.Json;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Control;

/// <summary>What is in force, as it is kept on disk.</summary>
/// <param name="Generation">Counts the writes; the slot with the greater one is the newer.</param>
/// <param name="Report">What became of the newest document.</param>
/// <param name="Sections">The value in force of each section, and the revision that it came with.</param>
internal sealed record SettingsRecord(long Generation, ReportedSettings Report, IReadOnlyDictionary<string, SectionValue> Sections);

/// <summary>A section in force.</summary>
internal sealed record SectionValue(long Revision, JsonElement Value);
