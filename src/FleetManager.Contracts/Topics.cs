using System.Diagnostics.CodeAnalysis;

namespace FleetManager.Contracts;

/// <summary>What a device says, one retained or transient topic each (design 5.1).</summary>
public enum Uplink
{
    /// <summary><c>up/presence</c>: QoS 1, retained; also the will.</summary>
    Presence,

    /// <summary><c>up/settings</c>: QoS 1, retained.</summary>
    Settings,

    /// <summary><c>up/sync</c>: QoS 1, retained.</summary>
    Sync,

    /// <summary><c>up/telemetry</c>: QoS 0.</summary>
    Telemetry,

    /// <summary><c>up/result</c>: QoS 1.</summary>
    Result,
}

/// <summary>Builds and parses every MQTT topic (design 5.1). Names and groups are never in topics: a device can be renamed and moved.</summary>
/// <param name="Root">First level, <c>fleet</c> unless configured otherwise.</param>
public sealed record Topics(string Root = Topics.DefaultRoot)
{
    /// <summary>The root that is used unless configured otherwise.</summary>
    public const string DefaultRoot = "fleet";

    /// <summary>Everything the server sends to one device: the only filter that a device may subscribe to.</summary>
    public string Down(DeviceId device) => $"{Root}/v1/devices/{device}/down/#";

    /// <summary>Desired settings of one device.</summary>
    public string DownSettings(DeviceId device) => $"{Root}/v1/devices/{device}/down/settings";

    /// <summary>Commands for one device.</summary>
    public string DownCommand(DeviceId device) => $"{Root}/v1/devices/{device}/down/command";

    /// <summary>The topic a device says one kind of thing on.</summary>
    public string Up(DeviceId device, Uplink uplink) => $"{Root}/v1/devices/{device}/up/{Name(uplink)}";

    /// <summary>Reads an uplink topic; false for every other topic.</summary>
    public bool TryParseUp([NotNullWhen(true)] string? topic, out DeviceId device, out Uplink uplink)
    {
        device = default;
        uplink = default;
        var prefix = Root + "/v1/devices/";
        if (topic is null || !topic.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = topic.AsSpan(prefix.Length);
        var slash = rest.IndexOf('/');
        return slash > 0
            && DeviceId.TryParse(rest[..slash].ToString(), out device)
            && rest[slash..].StartsWith("/up/", StringComparison.Ordinal)
            && TryParseName(rest[(slash + 4)..], out uplink);
    }

    /// <summary>The last topic level, which is also the envelope's <c>type</c>.</summary>
    public static string Name(Uplink uplink) => uplink switch
    {
        Uplink.Presence => "presence",
        Uplink.Settings => "settings",
        Uplink.Sync => "sync",
        Uplink.Telemetry => "telemetry",
        Uplink.Result => "result",
        _ => throw new ArgumentOutOfRangeException(nameof(uplink)),
    };

    private static bool TryParseName(ReadOnlySpan<char> name, out Uplink uplink)
    {
        foreach (var known in Enum.GetValues<Uplink>())
        {
            if (name.SequenceEqual(Name(known)))
            {
                uplink = known;
                return true;
            }
        }

        uplink = default;
        return false;
    }
}
