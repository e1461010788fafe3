using System.Collections.Concurrent;
using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Keys;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Keys;

/// <summary>Makes and recognises API keys and device keys. Secrets are looked up by their hash and kept nowhere.</summary>
internal sealed class KeyService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>How long an answer may be stale: a revoked key works no longer than this on REST.</summary>
    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastUseStep = TimeSpan.FromMinutes(1);
    private const int CacheLimit = 10_000;

    private static readonly HashSet<string> s_deviceScopes = [Scopes.DeviceRead, Scopes.DeviceUpdate];

    private readonly ConcurrentDictionary<string, (Caller? Caller, long At)> _cache = new();

    /// <summary>Who holds this secret; null when nobody does, or the key is disabled, expired or revoked.</summary>
    public async Task<Caller?> RecogniseAsync(string secret, CancellationToken cancellationToken)
    {
        var hash = Secret.Hash(secret);
        if (_cache.TryGetValue(hash, out var cached) && time.GetElapsedTime(cached.At) < s_cacheFor)
        {
            return cached.Caller;
        }

        var caller = secret.StartsWith(Secret.DeviceKeyPrefix, StringComparison.Ordinal)
            ? await FindDeviceAsync(hash, cancellationToken)
            : await FindApiKeyAsync(hash, cancellationToken);

        // Guesses must not fill memory: past the limit everything is forgotten and looked up again.
        if (_cache.Count >= CacheLimit)
        {
            _cache.Clear();
        }

        _cache[hash] = (caller, time.GetTimestamp());
        return caller;
    }

    /// <summary>Makes an API key and returns its secret, which can not be had again.</summary>
    public async Task<string> CreateApiKeyAsync(
        int workspaceId,
        string name,
        IReadOnlyCollection<string>? scopes,
        string actor,
        CancellationToken cancellationToken)
    {
        var secret = Secret.New(Secret.ApiKeyPrefix);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.ApiKeys.Add(new ApiKey
        {
            WorkspaceId = workspaceId,
            Name = name,
            Prefix = secret[..Secret.VisibleLength],
            Hash = Secret.Hash(secret),
            Scopes = scopes is null ? null : string.Join(' ', scopes),
            CreatedAt = now,
            CreatedBy = actor,
        });
        db.AuditEntries.Add(new AuditEntry { WorkspaceId = workspaceId, At = now, Actor = actor, Action = "api_key.created", Subject = name });
        await db.SaveChangesAsync(cancellationToken);
        return secret;
    }

    private async Task<Caller?> FindDeviceAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Devices.AsNoTracking()
            .Where(d => d.KeyHash == hash && d.RevokedAt == null)
            .Join(db.Workspaces, d => d.WorkspaceId, w => w.Id, (d, w) => new { d.Key, d.DeviceId, d.WorkspaceId, w.Slug })
            .FirstOrDefaultAsync(cancellationToken);
        return found is null || !DeviceId.TryParse(found.DeviceId, out var id) ? null : new Caller
        {
            WorkspaceId = found.WorkspaceId,
            WorkspaceSlug = found.Slug,
            Actor = $"device:{id}",
            DeviceId = id,
            DeviceKey = found.Key,
            GrantedScopes = s_deviceScopes,
        };
    }

    private async Task<Caller?> FindApiKeyAsync(string hash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.ApiKeys.AsNoTracking()
            .Where(k => k.Hash == hash && k.DisabledAt == null && (k.ExpiresAt == null || k.ExpiresAt > now))
            .Join(db.Workspaces, k => k.WorkspaceId, w => w.Id, (k, w) => new { k.Key, k.Prefix, k.Scopes, k.LastUsedAt, k.WorkspaceId, w.Slug })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }

        if (found.LastUsedAt is null || now - found.LastUsedAt > s_lastUseStep)
        {
            await db.ApiKeys.Where(k => k.Key == found.Key).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now), cancellationToken);
        }

        return new Caller
        {
            WorkspaceId = found.WorkspaceId,
            WorkspaceSlug = found.Slug,
            Actor = $"key:{found.Prefix}",
            GrantedScopes = found.Scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
        };
    }
}
