using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Turns what a device says into what happened to it. Never waits: both recorders only take notes, and write on their own.</summary>
internal sealed class UplinkHistory(EventRecorder events, TelemetryRecorder telemetry, TimeProvider time)
{
    /// <summary>Takes news of a device; what is no news must not come here.</summary>
    public void Heard<T>(DeviceRef device, Envelope<T> envelope)
    {
        switch (envelope.Body)
        {
            case PresenceReport report:
                Came(device, envelope.Boot, envelope.At, report);
                break;
            case ReportedSettings report:
                Took(device, envelope.At, report);
                break;
            case SyncReport { CapacityBlocked: { } blocked }:
                Record(device, envelope.At, DeviceEntities.EventStore, Capacity(blocked));
                break;
            case TelemetrySample sample:
                telemetry.Hear(device, sample, time.GetUtcNow());
                break;
        }
    }

    private void Came(DeviceRef device, long boot, DateTimeOffset at, PresenceReport report)
    {
        if (report.State == PresenceState.Online)
        {
            Record(device, at, DeviceEntities.Agent, new("agent_started", $"Agent {report.AgentVersion} started, start number {boot}.", OnlyIfChanged: true));
        }

        Record(device, at, DeviceEntities.Presence, report.State switch
        {
            PresenceState.Online => new("online", "The device connected."),
            PresenceState.Offline => new("offline", "The device said goodbye."),
            _ => new("lost", "The connection ended without a goodbye."),
        });
    }

    // A device says its state again after each reconnection; only another state is something that happened.
    private void Took(DeviceRef device, DateTimeOffset at, ReportedSettings report) =>
        Record(device, at, DeviceEntities.Settings, report.State switch
        {
            SettingsState.Applied => new("settings_applied", $"Revision {report.Revision} is in force.", OnlyIfChanged: true),
            SettingsState.PartlyApplied => new("settings_partly_applied", $"Revision {report.Revision} is in force but for {Refused(report)}.", OnlyIfChanged: true),
            _ => new("settings_rejected", $"Revision {report.Revision} was refused.", OnlyIfChanged: true),
        });

    private static string Refused(ReportedSettings report) =>
        string.Join(", ", report.Sections.Where(s => s.Value.State != SettingsState.Applied).Select(s => s.Key).Order(StringComparer.Ordinal));

    // Only transitions are told: that a store which never was full is not full is no news.
    private static Happening Capacity(bool blocked) => blocked
        ? new("capacity_blocked", "The event store is full: new events are refused.", OnlyIfChanged: true)
        : new("capacity_cleared", "The event store takes events again.", OnlyIfChanged: true, OnlyAfterAnother: true);

    private void Record(DeviceRef device, DateTimeOffset at, string entity, Happening what) =>
        events.Record(new Recording(device, entity, what, at.ToUniversalTime(), time.GetUtcNow()));
}
