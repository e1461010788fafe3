using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Control;

/// <summary>
/// What happened to the device, written down when it happens, so that the server hears of it also when it can not be reached then. Only changes
/// are news; what was told last is known across restarts.
/// </summary>
internal sealed class Lifecycle(LineRing<DeviceHappening> ring, long boot, TimeProvider time)
{
    private const string StartedEvent = "agent_started";
    private const string StoppedEvent = "agent_stopped";
    private const string BlockedEvent = "capacity_blocked";

    private readonly Lock _gate = new();
    private (string Event, string Description)? _lastDecision = TextOf(ring.Last(e => e.EntityType == DeviceHappening.Settings));
    private bool _blocked = ring.Last(e => e.EntityType == DeviceHappening.EventStore) is { Event: BlockedEvent };

    /// <summary>Given when something happened.</summary>
    public Signal Happened { get; } = new();

    /// <summary>The agent starts. If it never said that it stopped, it crashed before, or the host lost its power.</summary>
    /// <param name="version">Version of the program.</param>
    /// <param name="hostUptime">How long the host has been up.</param>
    public void Started(string version, TimeSpan hostUptime)
    {
        if (ring.Last(e => e.EntityType == DeviceHappening.Agent) is { Event: not StoppedEvent })
        {
            // What came last before this start, of any kind, is the last sign of life.
            var lastSign = ring.Last(_ => true)!.At;
            Say(DeviceHappening.Agent, "agent_crashed", time.GetUtcNow() - lastSign > hostUptime
                ? "The agent ended without a stop; the host has started since, so it may have lost its power."
                : "The agent ended without a stop, while the host went on: it crashed or was killed.");
        }

        Say(DeviceHappening.Agent, StartedEvent, $"Agent {version} started, start number {boot}.");
    }

    public void Stopped() => Say(DeviceHappening.Agent, StoppedEvent, $"The agent was told to stop, start number {boot}.");

    /// <summary>Settings were decided on.</summary>
    public void Decided(ReportedSettings report)
    {
        var (name, description) = report.State switch
        {
            SettingsState.Applied => ("settings_applied", $"Revision {report.Revision} is in force."),
            SettingsState.PartlyApplied => ("settings_partly_applied", $"Revision {report.Revision} is in force but for {Refused(report)}."),
            _ => ("settings_rejected", report.Fault is { } fault ? $"Revision {report.Revision} was refused: {fault.Message}." : $"Revision {report.Revision} was refused: {Refused(report)}."),
        };
        lock (_gate)
        {
            if (_lastDecision != (name, description))
            {
                _lastDecision = (name, description);
                Say(DeviceHappening.Settings, name, description);
            }
        }
    }

    /// <summary>Whether the store refuses events. That one which never was full is not full is no news.</summary>
    public void Capacity(bool blocked)
    {
        lock (_gate)
        {
            if (_blocked != blocked)
            {
                _blocked = blocked;
                Say(
                    DeviceHappening.EventStore,
                    blocked ? BlockedEvent : "capacity_cleared",
                    blocked ? "The event store is full: new events are refused." : "The event store takes events again.");
            }
        }
    }

    private static string Refused(ReportedSettings report) => string.Join(
        "; ",
        report.Sections.Where(s => s.Value.State != SettingsState.Applied).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} ({s.Value.Message})"));

    private static (string, string)? TextOf(DeviceHappening? happening) => happening is null ? null : (happening.Event, happening.Description);

    private void Say(string entity, string name, string description)
    {
        var text = description.Length <= DeviceEventBatch.MaxDescriptionLength ? description : description[..(DeviceEventBatch.MaxDescriptionLength - 1)] + "…";
        ring.Append(seq => new DeviceHappening(seq, time.GetUtcNow(), entity, name, text));
        Happened.Set();
    }
}
