using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Something that a device said of itself.</summary>
/// <param name="Name">Name of the event.</param>
/// <param name="Description">One sentence for people.</param>
/// <param name="OnlyIfChanged">Not worth a row when the row before says the same.</param>
/// <param name="OnlyAfterAnother">Not worth a row when there is none before.</param>
internal sealed record Happening(string Name, string Description, bool OnlyIfChanged = false, bool OnlyAfterAnother = false);

/// <summary>What happened to whom, and when by both clocks.</summary>
internal sealed record Recording(DeviceRef Device, string Entity, Happening What, DateTimeOffset DeviceAt, DateTimeOffset At)
{
    public (int Device, string Entity) Key => (Device.Key, Entity);
}
