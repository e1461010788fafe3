using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Devices;

public sealed class DeviceServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task List_SearchSortAndPage_AreTheSameOnEveryDatabase(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var (a, b, c) = (await fleet.AddDeviceAsync("Alpha"), await fleet.AddDeviceAsync("beta line"), await fleet.AddDeviceAsync("Gamma LINE"));
        await AddStatusAsync(fleet, b, 7, "uploading");
        await AddStatusAsync(fleet, c, 3, "idle");

        Assert.Equal([b.Id.Value, c.Id.Value], (await ListAsync(new DeviceListQuery("LINE", DeviceSort.Pending, Descending: true))).Select(r => r.DeviceId));
        Assert.Equal([c.Id.Value, b.Id.Value, a.Id.Value], (await ListAsync(new DeviceListQuery(Sort: DeviceSort.Pending))).Select(r => r.DeviceId));
        Assert.Equal([a.Id.Value, b.Id.Value, c.Id.Value], (await ListAsync(new DeviceListQuery(Sort: DeviceSort.EnrolledAt))).Select(r => r.DeviceId));
        Assert.Equal(a.Id.Value, (await ListAsync(new DeviceListQuery(Sort: DeviceSort.LastHeard, Descending: true)))[^1].DeviceId);
        Assert.Equal([a.Id.Value], (await ListAsync(new DeviceListQuery(a.Id.Value[^8..]))).Select(r => r.DeviceId));

        var page = await fleet.Service<DeviceService>().ListAsync(fleet.Workspace.Id, new DeviceListQuery(Skip: 1, Take: 1), Cancellation);
        Assert.Equal((3, "beta line"), (page.Total, Assert.Single(page.Rows).Name));

        async Task<IReadOnlyList<DeviceRow>> ListAsync(DeviceListQuery query) =>
            (await fleet.Service<DeviceService>().ListAsync(fleet.Workspace.Id, query, Cancellation)).Rows;
    }

    [Theory, DatabaseData]
    public async Task OtherWorkspace_Device_DoesNotExist(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var other = await fleet.AddWorkspaceAsync("other");
        var device = await fleet.AddDeviceAsync();
        var devices = fleet.Service<DeviceService>();

        Assert.Null(await devices.FindAsync(other.Id, device.Id.Value, Cancellation));
        Assert.False(await devices.RenameAsync(other.Id, device.Id.Value, "mine", "eve", Cancellation));
        Assert.False(await devices.RevokeAsync(other.Id, device.Id.Value, "eve", Cancellation));
        Assert.Equal(0, (await devices.ListAsync(other.Id, new DeviceListQuery(), Cancellation)).Total);
    }

    [Fact]
    public async Task Rename_GoodName_IsTrimmedAndAudited()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var device = await fleet.AddDeviceAsync();
        var devices = fleet.Service<DeviceService>();

        Assert.True(await devices.RenameAsync(fleet.Workspace.Id, device.Id.Value, "  Line 4 ", "ann", Cancellation));

        Assert.Equal("Line 4", (await devices.FindAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!.Name);
        await using var db = fleet.Open();
        var entry = await db.AuditEntries.SingleAsync(e => e.Action == "device.renamed", Cancellation);
        Assert.Equal(("ann", device.Id.Value), (entry.Actor, entry.Subject));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\nb")]
    public void Name_EmptyOrControl_IsRefused(string name) => Assert.False(DeviceService.IsName(name));

    [Fact]
    public void Name_TooLong_IsRefused() =>
        Assert.Equal((true, false), (DeviceService.IsName(new string('x', 100)), DeviceService.IsName(new string('x', 101))));

    [Fact]
    public async Task Find_OldSyncReport_IsStale()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var device = await fleet.AddDeviceAsync();
        await AddStatusAsync(fleet, device, 3, "uploading", TimeProvider.System.GetUtcNow().AddMinutes(-5));

        var view = await fleet.Service<DeviceService>().FindAsync(fleet.Workspace.Id, device.Id.Value, Cancellation);

        Assert.True(view!.SyncIsStale);
        Assert.Equal(3, view.Sync!.PendingRecords);
    }

    private static async Task AddStatusAsync(FleetApplication fleet, TestDevice device, long pending, string phase, DateTimeOffset? at = null)
    {
        var heard = at ?? TimeProvider.System.GetUtcNow();
        await using var db = fleet.Open();
        await DeviceStatusUpsert.WriteAsync(
            db,
            [new DeviceStatus
            {
                DeviceKey = device.Key,
                WorkspaceId = fleet.Workspace.Id,
                LastUplinkAt = heard,
                SyncBoot = 1,
                SyncSeq = 1,
                SyncAt = heard,
                SyncPhase = phase,
                PendingRecords = pending,
                Sync = $$"""{"epoch":"00000000-0000-0000-0000-000000000001","phase":"{{phase}}","pending_records":{{pending}}}""",
            }],
            Cancellation);
    }
}
