using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Control;

/// <summary>
/// What becomes of each section of one document. A section that is not in the document is the product's default, for a document is always
/// whole; a section or key that this agent does not know is listed.
/// </summary>
internal sealed class SettingsDecision
{
    private readonly DesiredSettings _desired;
    private readonly IReadOnlyDictionary<string, SectionValue>? _before;
    private readonly Dictionary<string, SectionValue> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SectionReport> _reports = new(StringComparer.Ordinal);
    private readonly List<string> _ignored = [];

    public SettingsDecision(DesiredSettings desired, IReadOnlyDictionary<string, SectionValue>? before)
    {
        (_desired, _before) = (desired, before);
        foreach (var section in SettingsCatalog.Sections)
        {
            var value = desired.Sections.TryGetProperty(section.Name, out var sent) ? sent : SettingsCatalog.Defaults.GetProperty(section.Name);
            var faults = section.Check(value, out var ignored);
            _ignored.AddRange(ignored);
            if (faults.Count > 0)
            {
                Reject(section.Name, faults[0]);
            }
            else
            {
                _sections[section.Name] = new SectionValue(desired.Revision, value.Clone());
                _reports[section.Name] = new SectionReport(SettingsState.Applied);
            }
        }

        _ignored.AddRange(desired.Sections.EnumerateObject().Select(s => s.Name).Except(SettingsCatalog.Sections.Select(s => s.Name)));
    }

    /// <summary>The values in force after this decision.</summary>
    public IReadOnlyDictionary<string, SectionValue> Sections => _sections;

    /// <summary>The new value of a section; null when it was rejected.</summary>
    public T? Accepted<T>(SettingsSection<T> section)
        where T : class =>
        _reports[section.Name].State == SettingsState.Applied ? section.Read(_sections[section.Name].Value) : null;

    /// <summary>The section keeps its last good value.</summary>
    public void Reject(string section, SettingFault fault)
    {
        var kept = _before?.GetValueOrDefault(section) ?? new SectionValue(0, SettingsCatalog.Defaults.GetProperty(section));
        _sections[section] = kept;
        _reports[section] = new SectionReport(SettingsState.Rejected, fault.Code, fault.Path, fault.Message, kept.Revision);
    }

    public ReportedSettings Report(IEnumerable<string> pinned)
    {
        var rejected = _reports.Values.Count(r => r.State == SettingsState.Rejected);
        var state = rejected == 0 ? SettingsState.Applied : rejected == _reports.Count ? SettingsState.Rejected : SettingsState.PartlyApplied;
        return new ReportedSettings(_desired.Revision, _desired.Hash, state, _reports, [.. _ignored, .. pinned]);
    }
}
