using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Something that was seen of a device.</summary>
/// <param name="Name">Name of the event.</param>
/// <param name="Description">One sentence for people.</param>
internal sealed record Happening(string Name, string Description);

/// <summary>What happened to whom, and when by both clocks.</summary>
internal sealed record Recording(DeviceRef Device, string Entity, Happening What, DateTimeOffset DeviceAt, DateTimeOffset At)
{
    public (int Device, string Entity) Key => (Device.Key, Entity);
}
