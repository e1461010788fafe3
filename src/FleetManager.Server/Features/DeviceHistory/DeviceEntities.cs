using FleetManager.Data.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>What of a device an event is about.</summary>
internal static class DeviceEntities
{
    public const string Device = "device";
    public const string Presence = "presence";

    /// <summary>What somebody did to the device, for the transaction of the deed.</summary>
    public static DeviceEvent Deed(Device device, string name, string description, DateTimeOffset now) => new()
    {
        WorkspaceId = device.WorkspaceId,
        DeviceKey = device.Key,
        EntityType = Device,
        EntityId = device.DeviceId,
        Event = name,
        Description = description,
        At = now,
    };
}
