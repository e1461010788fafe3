using System.Collections.Concurrent;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Images;

/// <summary>Knows which images were uploaded. Nearly every event names images of a moment ago, so those that were seen are remembered.</summary>
internal sealed class ImageDirectory(IDbContextFactory<FleetDb> databases)
{
    private const int CacheLimit = 100_000;
    private readonly ConcurrentDictionary<(int Workspace, string SourceId), byte> _known = new();

    /// <summary>Those of the ids that were never uploaded to the workspace.</summary>
    public async Task<IReadOnlySet<string>> FindUnknownAsync(int workspaceId, IEnumerable<string> sourceIds, CancellationToken cancellationToken)
    {
        var unknown = sourceIds.Where(id => !_known.ContainsKey((workspaceId, id))).ToHashSet(StringComparer.Ordinal);
        var asked = unknown.Where(SourceIds.IsOurs).ToList();
        if (asked.Count == 0)
        {
            return unknown;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Images
            .Where(i => i.WorkspaceId == workspaceId && asked.Contains(i.SourceId))
            .Select(i => i.SourceId)
            .ToListAsync(cancellationToken);
        foreach (var id in found)
        {
            Remember(workspaceId, id);
            unknown.Remove(id);
        }

        return unknown;
    }

    public void Remember(int workspaceId, string sourceId)
    {
        if (_known.Count >= CacheLimit)
        {
            _known.Clear();
        }

        _known[(workspaceId, sourceId)] = 0;
    }
}
