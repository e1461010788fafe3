using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Devices;

/// <summary>One statement for many devices, in which only what is newer replaces what is there.</summary>
public sealed class DeviceStatusUpsertTests
{
    private static readonly DateTimeOffset s_at = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Write_Parts_EachReplacesOnlyWhatIsOlder(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        await WriteAsync(fleet, Row(device, s =>
        {
            (s.Connected, s.ConnectionChangedAt, s.LastUplinkAt) = (true, s_at, s_at);
            (s.PresenceBoot, s.PresenceSeq, s.Presence, s.AgentVersion, s.Hardware) = (2, 5, "online", "1.0", """{"hostname":"cam"}""");
            (s.SyncBoot, s.SyncSeq, s.SyncPhase, s.PendingRecords, s.Sync, s.SyncAt) = (2, 6, "idle", 1, "{}", s_at);
            (s.SettingsBoot, s.SettingsSeq, s.ReportedRevision, s.ReportedHash, s.ReportedState, s.Reported, s.ReportedAt) = (2, 7, 3, "h", "applied", "{}", s_at);
            (s.Telemetry, s.TelemetryAt) = ("{}", s_at);
        }));

        // An old will, a newer report, and nothing else: the rest stays.
        await WriteAsync(fleet, Row(device, s =>
        {
            (s.PresenceBoot, s.PresenceSeq, s.Presence, s.AgentVersion) = (1, 99, "lost", "0.9");
            (s.SyncBoot, s.SyncSeq, s.SyncPhase, s.PendingRecords, s.Sync, s.SyncAt) = (3, 1, "uploading", 9, "{}", s_at.AddSeconds(1));
        }));

        var row = await ReadAsync(fleet, device);
        Assert.Equal(("online", "1.0", 2L, 5L), (row.Presence, row.AgentVersion, row.PresenceBoot, row.PresenceSeq));
        Assert.Equal(("uploading", 9L, 3L, 1L, s_at.AddSeconds(1)), (row.SyncPhase, row.PendingRecords, row.SyncBoot, row.SyncSeq, row.SyncAt));
        Assert.Equal((3L, "applied", s_at), (row.ReportedRevision, row.ReportedState, row.ReportedAt));
        Assert.Equal((true, s_at, s_at), (row.Connected, row.ConnectionChangedAt, row.LastUplinkAt));
        Assert.Contains("cam", row.Hardware, StringComparison.Ordinal);
        Assert.NotNull(row.Telemetry);
    }

    [Theory, DatabaseData]
    public async Task Write_WillOfTheSameBirth_KeepsTheHardware(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        await WriteAsync(fleet, Row(device, s => (s.PresenceBoot, s.PresenceSeq, s.Presence, s.Hardware) = (1, 1, "online", """{"hostname":"cam"}""")));
        await WriteAsync(fleet, Row(device, s => (s.PresenceBoot, s.PresenceSeq, s.Presence) = (1, 2, "lost")));

        var row = await ReadAsync(fleet, device);
        Assert.Equal("lost", row.Presence);
        Assert.Contains("cam", row.Hardware, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Write_ManyDevices_AllAreWritten(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var devices = new List<TestDevice>();
        for (var i = 0; i < 43; i++)
        {
            devices.Add(await fleet.AddDeviceAsync($"camera {i}"));
        }

        await WriteAsync(fleet, [.. devices.Select((d, i) => Row(d, s => (s.SyncBoot, s.SyncSeq, s.PendingRecords) = (1, 1, i)))]);

        await using var db = fleet.Open();
        var written = await db.DeviceStatuses.OrderBy(s => s.DeviceKey).Select(s => s.PendingRecords!.Value).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, 43).Select(i => (long)i), written);
    }

    private static DeviceStatus Row(TestDevice device, Action<DeviceStatus> fill)
    {
        var row = new DeviceStatus { DeviceKey = device.Key, WorkspaceId = 1 };
        fill(row);
        return row;
    }

    private static async Task WriteAsync(FleetApplication fleet, params DeviceStatus[] rows)
    {
        await using var db = fleet.Open();
        await DeviceStatusUpsert.WriteAsync(db, rows, Cancellation);
    }

    private static async Task<DeviceStatus> ReadAsync(FleetApplication fleet, TestDevice device)
    {
        await using var db = fleet.Open();
        return await db.DeviceStatuses.AsNoTracking().SingleAsync(s => s.DeviceKey == device.Key, Cancellation);
    }
}
