using FleetManager.Contracts.Sync;
using FleetManager.Server.Components;
using FleetManager.Server.Components.Widgets;

namespace FleetManager.Server.Features.Devices.Pages;

/// <summary>Says a device's state in words; unknown is said as unknown.</summary>
internal static class DeviceWords
{
    public static (string Text, Tone Tone) Of(PresenceKind state) => state switch
    {
        PresenceKind.Online => ("online", Tone.Good),
        PresenceKind.Degraded => ("degraded", Tone.Warning),
        PresenceKind.Offline => ("offline", Tone.Bad),
        _ => ("unknown", Tone.Neutral),
    };

    public static (string Text, Tone Tone) Of(SyncPhase phase) => phase switch
    {
        SyncPhase.Disabled => ("off", Tone.Neutral),
        SyncPhase.Idle => ("up to date", Tone.Good),
        SyncPhase.Uploading => ("uploading", Tone.Busy),
        SyncPhase.Backoff => ("waiting to retry", Tone.Warning),
        SyncPhase.Paused => ("paused", Tone.Warning),
        SyncPhase.WindowClosed => ("outside its time windows", Tone.Neutral),
        SyncPhase.CapacityBlocked => ("store full", Tone.Bad),
        SyncPhase.Unauthorized => ("key refused", Tone.Bad),
        SyncPhase.Offline => ("server out of reach", Tone.Warning),
        _ => ("failed", Tone.Bad),
    };

    /// <summary>The phase as a sentence, with what to do where there is something.</summary>
    public static string Sentence(SyncReport report) => report.Phase switch
    {
        SyncPhase.Disabled => "Vision Events Backup is off: events stay on the device.",
        SyncPhase.Idle when report.ParkedRecords > 0 =>
            $"Everything else is backed up; {Format.Count(report.ParkedRecords, "event")} {(report.ParkedRecords == 1 ? "is" : "are")} parked until a person looks.",
        SyncPhase.Idle => "Everything is backed up.",
        SyncPhase.Uploading => "Events are being sent to this server.",
        SyncPhase.Backoff => report.NextRetryInSeconds is { } seconds
            ? $"The last request failed; the next try is in {Format.Duration(seconds)}."
            : "The last request failed; the agent tries again by itself.",
        SyncPhase.Paused => "A person paused the backup.",
        SyncPhase.WindowClosed => "It is outside every time window; the backup goes on when the next one opens.",
        SyncPhase.CapacityBlocked => "The store is full of events that are not backed up yet: new ones are refused until there is room.",
        SyncPhase.Unauthorized => "This server refuses the device's key: enroll the device again.",
        SyncPhase.Offline => "The device can not reach this server; events wait in its store.",
        _ => "The agent can not go on by itself; see the last error.",
    };
}
