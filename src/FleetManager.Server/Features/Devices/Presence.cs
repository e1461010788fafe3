using System.Text.Json.Serialization;
using FleetManager.Data.Devices;

namespace FleetManager.Server.Features.Devices;

/// <summary>What is known of a device's connection, merged from every proof there is (design 6).</summary>
internal enum PresenceKind
{
    /// <summary>No proof either way: never seen, or not since this server started.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown,

    /// <summary>Its session is open and it speaks.</summary>
    [JsonStringEnumMemberName("online")] Online,

    /// <summary>Reachable in part: only by REST, silent, or just dropped.</summary>
    [JsonStringEnumMemberName("degraded")] Degraded,

    /// <summary>It said goodbye, or its connection ended and did not come back.</summary>
    [JsonStringEnumMemberName("offline")] Offline,
}

/// <summary>The state, and the proof it rests on.</summary>
/// <param name="State">See <see cref="PresenceKind"/>.</param>
/// <param name="LastProof">What was last heard and what follows from it, one phrase.</param>
/// <param name="LastProofAt">When, by the server's clock; null when nothing was ever heard.</param>
internal sealed record Presence(PresenceKind State, string LastProof, DateTimeOffset? LastProofAt)
{
    /// <summary>An agent reports every 30 s; four of them missing is not health.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(2);

    /// <summary>How long a dropped connection may take to come back before the device counts as offline.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly Presence s_never = new(PresenceKind.Unknown, "never connected", null);

    /// <summary>The one rule. Compares server times only; what the device's own clock says plays no part.</summary>
    public static Presence Of(DeviceStatus? status, DateTimeOffset now)
    {
        if (status is null || (status.ConnectionChangedAt ?? status.LastUplinkAt ?? status.LastRestAt) is null)
        {
            return s_never;
        }

        var heard = Later(status.LastUplinkAt, status.Connected ? status.ConnectionChangedAt : null);
        if (status.Connected)
        {
            return now - heard <= SilentAfter
                ? new Presence(PresenceKind.Online, "MQTT session open", heard)
                : new Presence(PresenceKind.Degraded, "MQTT session open, but nothing heard", heard);
        }

        if (status.LastRestAt is { } rest && now - rest <= SilentAfter && rest > (status.ConnectionChangedAt ?? DateTimeOffset.MinValue))
        {
            return new Presence(PresenceKind.Degraded, "REST only, no MQTT session", rest);
        }

        var last = Later(Later(heard, status.LastRestAt), status.ConnectionChangedAt);
        return status switch
        {
            { Presence: "offline" } => new Presence(PresenceKind.Offline, "said goodbye", last),
            // The row of a session that no running server saw the end of.
            { ConnectionChangedAt: null } => new Presence(PresenceKind.Unknown, "not heard since the server started", last),
            { ConnectionChangedAt: { } end } when now - end <= Grace => new Presence(PresenceKind.Degraded, "connection dropped just now", last),
            _ => new Presence(PresenceKind.Offline, "connection lost", last),
        };
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
