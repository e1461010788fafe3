using FleetManager.Contracts;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceApi.Install;

/// <summary>The device that an install id is for.</summary>
internal sealed record Installation(string DeviceId, string DeviceName);

/// <summary>Recognises install ids.</summary>
internal sealed class InstallService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>
    /// The device; null when the id is unknown, expired or replaced, or the device was revoked. An id that has done its work is recognised until it
    /// expires, so that the same command can be run again: it gives nobody a key any more.
    /// </summary>
    public async Task<Installation?> FindAsync(string installId, CancellationToken cancellationToken)
    {
        var (hash, now) = (Secret.Hash(installId), time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.EnrollmentTokens.AsNoTracking()
            .Where(t => t.Hash == hash && t.ExpiresAt > now)
            .Join(db.Devices, t => t.DeviceKey, d => d.Key, (t, d) => new { Token = t, Device = d })
            .Where(f => f.Device.RevokedAt == null && (f.Token.UsesLeft > 0 || f.Device.EnrollmentTokenKey == f.Token.Key))
            .Select(f => new Installation(f.Device.DeviceId, f.Device.Name))
            .FirstOrDefaultAsync(cancellationToken);
    }
}
