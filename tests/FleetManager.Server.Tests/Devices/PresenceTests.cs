using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Tests.Devices;

/// <summary>The one rule of presence, row by row. Ages are in seconds; null means never.</summary>
public sealed class PresenceTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    //          open   changed  uplink  rest  word       state            proof age
    [InlineData(false, null, null, null, null, "Unknown", null)]
    [InlineData(true, 1, null, null, null, "Online", 1)]
    [InlineData(true, 600, 5, null, "online", "Online", 5)]
    [InlineData(true, 600, 120, null, "online", "Online", 120)]
    [InlineData(true, 600, 121, null, "online", "Degraded", 121)]
    [InlineData(true, 5, 600, null, "lost", "Online", 5)]
    [InlineData(false, 3, 20, null, "online", "Degraded", 3)]
    [InlineData(false, 10, 20, null, "lost", "Degraded", 10)]
    [InlineData(false, 11, 20, null, "online", "Offline", 11)]
    [InlineData(false, 11, 20, null, "lost", "Offline", 11)]
    [InlineData(false, 1, 1, null, "offline", "Offline", 1)]
    [InlineData(false, 300, 300, 20, "lost", "Degraded", 20)]
    [InlineData(false, 300, 300, 20, "offline", "Degraded", 20)]
    [InlineData(false, 300, 300, 200, "lost", "Offline", 200)]
    [InlineData(false, 30, 40, 40, "lost", "Offline", 30)]
    [InlineData(false, null, 50, null, "online", "Unknown", 50)]
    [InlineData(false, null, 50, null, "lost", "Unknown", 50)]
    [InlineData(false, null, 50, null, "offline", "Offline", 50)]
    [InlineData(false, null, null, 20, null, "Degraded", 20)]
    [InlineData(false, null, null, 200, null, "Unknown", 200)]
    public void Of_Proofs_Merge(bool connected, int? changed, int? uplink, int? rest, string? word, string expected, int? proofAge)
    {
        var status = new DeviceStatus
        {
            DeviceKey = 1,
            WorkspaceId = 1,
            Connected = connected,
            ConnectionChangedAt = Ago(changed),
            LastUplinkAt = Ago(uplink),
            LastRestAt = Ago(rest),
            Presence = word,
        };

        var presence = Presence.Of(status, s_now);

        Assert.Equal((expected, Ago(proofAge)), (presence.State.ToString(), presence.LastProofAt));
        Assert.NotEmpty(presence.LastProof);
    }

    [Fact]
    public void Of_NoRow_IsUnknown() => Assert.Equal(PresenceKind.Unknown, Presence.Of(null, s_now).State);

    private static DateTimeOffset? Ago(int? seconds) => seconds is { } s ? s_now.AddSeconds(-s) : null;
}
