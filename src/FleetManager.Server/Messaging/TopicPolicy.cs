using FleetManager.Contracts;

namespace FleetManager.Server.Messaging;

/// <summary>
/// Who may say and hear what (design 5.1), the same for every broker. A device says its own uplinks and hears its own downlinks; everything
/// that is not allowed here is refused, whatever it looks like.
/// </summary>
internal sealed class TopicPolicy(Topics topics)
{
    /// <summary>True for the known uplinks of the device itself; wills are held to the same.</summary>
    public bool MayPublish(DeviceId device, string? topic, out Uplink uplink) =>
        topics.TryParseUp(topic, out var owner, out uplink) && owner == device;

    /// <summary>True for filters that can match nothing but the device's own downlinks.</summary>
    public bool MaySubscribe(DeviceId device, string? filter)
    {
        // A wildcard below the device's own prefix can not reach out of it.
        var own = topics.Down(device).AsSpan()[..^1];
        return filter is not null && filter.AsSpan().StartsWith(own, StringComparison.Ordinal) && filter.Length > own.Length;
    }
}
