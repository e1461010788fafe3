using FleetManager.Data;
using FleetManager.Server.Setup;
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

    private readonly MomentCache<(int WorkspaceId, string Text), UseCaseRef?> _cache = new(s_cacheFor, time);

    /// <summary>Null when the workspace has none of that id or name.</summary>
    public Task<UseCaseRef?> ResolveAsync(int workspaceId, string text, CancellationToken cancellationToken) =>
        _cache.GetAsync((workspaceId, text), FindAsync, cancellationToken);

    /// <summary>To be called after a change was committed.</summary>
    public void Forget() => _cache.Forget();

    private async Task<UseCaseRef?> FindAsync((int WorkspaceId, string Text) named)
    {
        var (workspaceId, text) = named;
        var nameKey = UseCaseName.KeyOf(text.Trim());
        await using var db = await databases.CreateDbContextAsync();
        return await db.UseCases.AsNoTracking()
            .Where(u => u.WorkspaceId == workspaceId && (u.UseCaseId == text || u.NameKey == nameKey))
            .OrderBy(u => u.UseCaseId == text ? 0 : 1)
            .Select(u => new UseCaseRef(u.Key, u.UseCaseId, u.Name, u.ArchivedAt != null))
            .FirstOrDefaultAsync();
    }
}
