using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// Turns what a device says into what is seen of it. Never waits: both recorders only take notes, and write on their own. What happens on the
/// device itself it tells by REST (<see cref="AgentEventsApi"/>), for much of it happens while nobody listens.
/// </summary>
internal sealed class UplinkHistory(EventRecorder events, TelemetryRecorder telemetry, TimeProvider time)
{
    /// <summary>Takes news of a device; what is no news must not come here.</summary>
    public void Heard<T>(DeviceRef device, Envelope<T> envelope)
    {
        switch (envelope.Body)
        {
            case PresenceReport report:
                Record(device, envelope.At, DeviceEntities.Presence, report.State switch
                {
                    PresenceState.Online => new("online", "The device connected."),
                    PresenceState.Offline => new("offline", "The device said goodbye."),
                    _ => new("lost", "The connection ended without a goodbye."),
                });
                break;
            case TelemetrySample sample:
                telemetry.Hear(device, sample, time.GetUtcNow());
                break;
        }
    }

    private void Record(DeviceRef device, DateTimeOffset at, string entity, Happening what) =>
        events.Record(new Recording(device, entity, what, at.ToUniversalTime(), time.GetUtcNow()));
}
