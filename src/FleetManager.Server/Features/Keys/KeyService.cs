using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Keys;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Keys;

/// <summary>Recognises API keys and device keys. Secrets are looked up by their hash and kept nowhere.</summary>
internal sealed class KeyService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>How long an answer may be stale: a key that another process ended works no longer than this on REST.</summary>
    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastUseStep = TimeSpan.FromMinutes(1);

    private readonly MomentCache<(string Hash, bool OfDevice), Recognition> _cache = new(s_cacheFor, time);

    /// <summary>Who holds this secret, or why it opens nothing.</summary>
    public Task<Recognition> RecogniseAsync(string secret, CancellationToken cancellationToken) => _cache.GetAsync(
        (Secret.Hash(secret), secret.StartsWith(Secret.DeviceKeyPrefix, StringComparison.Ordinal)), FindAsync, cancellationToken);

    /// <summary>After a key was changed here: its next request is looked up again.</summary>
    public void Forget() => _cache.Forget();

    private Task<Recognition> FindAsync((string Hash, bool OfDevice) key) => key.OfDevice ? FindDeviceAsync(key.Hash) : FindApiKeyAsync(key.Hash);

    private async Task<Recognition> FindDeviceAsync(string hash)
    {
        await using var db = await databases.CreateDbContextAsync();
        var found = await db.Devices.AsNoTracking()
            .Where(d => d.KeyHash == hash && d.RevokedAt == null)
            .Join(db.Workspaces, d => d.WorkspaceId, w => w.Id, (d, w) => new { d.Key, d.DeviceId, d.WorkspaceId, w.Slug })
            .FirstOrDefaultAsync();
        if (found is null || !DeviceId.TryParse(found.DeviceId, out var id))
        {
            return Recognition.Refused("This device key is unknown or revoked. Enroll the device again.");
        }

        return new Recognition(new Caller
        {
            WorkspaceId = found.WorkspaceId,
            WorkspaceSlug = found.Slug,
            Actor = $"device:{id}",
            DeviceId = id,
            DeviceKey = found.Key,
            GrantedScopes = Scopes.OfDevices,
        }, null);
    }

    private async Task<Recognition> FindApiKeyAsync(string hash)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync();
        var found = await db.ApiKeys.AsNoTracking()
            .Where(k => k.Hash == hash || k.OldHash == hash)
            .Join(db.Workspaces, k => k.WorkspaceId, w => w.Id, (k, w) => new { ApiKey = k, w.Slug })
            .FirstOrDefaultAsync();
        if ((found is null ? "This API key is unknown: it was mistyped or deleted." : RefusalOf(found.ApiKey, hash, now)) is { } refusal)
        {
            return Recognition.Refused(refusal + " Keys are made and changed in the console under API keys.");
        }

        var key = found!.ApiKey;
        if (key.LastUsedAt is null || now - key.LastUsedAt > s_lastUseStep)
        {
            await db.ApiKeys.Where(k => k.Key == key.Key).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now));
        }

        return new Recognition(new Caller
        {
            WorkspaceId = key.WorkspaceId,
            WorkspaceSlug = found.Slug,
            Actor = $"key:{key.Prefix}",
            GrantedScopes = key.Scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
        }, null);
    }

    private static string? RefusalOf(ApiKey key, string hash, DateTimeOffset now) =>
        key.DisabledAt is not null ? $"The API key {key.Prefix}… is disabled."
        : key.ExpiresAt <= now ? $"The API key {key.Prefix}… expired at {key.ExpiresAt:u}."
        : key.Hash != hash && !(key.OldUntil > now) ? $"This API key was rolled: its new secret begins with {key.Prefix}."
        : null;
}
