using FleetManager.Data;
using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>Finds the devices that a key's workspace owns.</summary>
internal sealed class DeviceDirectory(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>All of them: the reference's list has no pages.</summary>
    public async Task<DeviceListDto> ListAsync(int workspaceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await WithStatus(db, db.Devices.Where(d => d.WorkspaceId == workspaceId)).OrderBy(f => f.Device.Key).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return new DeviceListDto([.. found.Select(f => DeviceDto.Of(f.Device, f.Status, now))]);
    }

    /// <summary>Null when the workspace has no such device.</summary>
    public async Task<DeviceDto?> FindAsync(int workspaceId, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await WithStatus(db, db.Devices.Where(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId)).FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : DeviceDto.Of(found.Device, found.Status, time.GetUtcNow());
    }

    /// <summary>Internal key; null when the workspace has no such device.</summary>
    public async Task<int?> KeyOfAsync(int workspaceId, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Devices.Where(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId).Select(d => (int?)d.Key).FirstOrDefaultAsync(cancellationToken);
    }

    private static IQueryable<Found> WithStatus(FleetDb db, IQueryable<Device> devices) =>
        devices.AsNoTracking().LeftJoin(db.DeviceStatuses.AsNoTracking(), d => d.Key, s => s.DeviceKey, (d, s) => new Found { Device = d, Status = s });

    private sealed class Found
    {
        public required Device Device { get; init; }

        public required DeviceStatus? Status { get; init; }
    }
}
