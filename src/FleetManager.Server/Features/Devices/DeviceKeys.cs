using FleetManager.Contracts;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Devices;

/// <summary>
/// Checks the key of a device that opens a session. Asks the database each time: a session outlives any cache, so a revoked key must not
/// open one more.
/// </summary>
internal sealed class DeviceKeys(IDbContextFactory<FleetDb> databases)
{
    /// <summary>The device of that id and key; null when there is none, or the key was revoked.</summary>
    public async Task<DeviceRef?> FindAsync(string? deviceId, string? secret, CancellationToken cancellationToken)
    {
        if (!DeviceId.TryParse(deviceId, out var id) || string.IsNullOrEmpty(secret))
        {
            return null;
        }

        var hash = Secret.Hash(secret);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Devices.AsNoTracking()
            .Where(d => d.DeviceId == id.Value && d.KeyHash == hash && d.RevokedAt == null)
            .Select(d => new DeviceRef(d.Key, d.WorkspaceId, id))
            .FirstOrDefaultAsync(cancellationToken);
    }
}
