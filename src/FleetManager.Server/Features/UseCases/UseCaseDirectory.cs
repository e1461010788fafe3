using System.Collections.Concurrent;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.UseCases;

/// <param name="Key">Internal key.</param>
/// <param name="Id">Public id.</param>
/// <param name="Name">Present name.</param>
/// <param name="Archived">Whether new events are refused.</param>
internal sealed record UseCaseRef(int Key, string Id, string Name, bool Archived);

/// <summary>
/// Finds the use case that a sender names: by id, failing that by name in any case. Every event asks, so answers are kept for a moment;
/// a change made by this process is seen at once, one made by another within two seconds.
/// </summary>
internal sealed class UseCaseDirectory(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(2);
    private const int CacheLimit = 10_000;

    private readonly ConcurrentDictionary<(int Workspace, string Text), (UseCaseRef? Found, long At)> _cache = new();
    private int _generation;

    /// <summary>Null when the workspace has none of that id or name.</summary>
    public async ValueTask<UseCaseRef?> ResolveAsync(int workspaceId, string text, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue((workspaceId, text), out var cached) && time.GetElapsedTime(cached.At) < s_cacheFor)
        {
            return cached.Found;
        }

        var generation = Volatile.Read(ref _generation);
        var found = await FindAsync(workspaceId, text, cancellationToken);

        // Unknown names must not fill memory: past the limit everything is forgotten and looked up again.
        if (_cache.Count >= CacheLimit)
        {
            _cache.Clear();
        }

        // An answer read before a change must not be kept after it.
        if (generation == Volatile.Read(ref _generation))
        {
            _cache[(workspaceId, text)] = (found, time.GetTimestamp());
        }

        return found;
    }

    /// <summary>To be called after a change was committed.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _cache.Clear();
    }

    private async Task<UseCaseRef?> FindAsync(int workspaceId, string text, CancellationToken cancellationToken)
    {
        var nameKey = UseCaseName.KeyOf(text.Trim());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.UseCases.AsNoTracking()
            .Where(u => u.WorkspaceId == workspaceId && (u.UseCaseId == text || u.NameKey == nameKey))
            .OrderBy(u => u.UseCaseId == text ? 0 : 1)
            .Select(u => new UseCaseRef(u.Key, u.UseCaseId, u.Name, u.ArchivedAt != null))
            .FirstOrDefaultAsync(cancellationToken);
    }
}
