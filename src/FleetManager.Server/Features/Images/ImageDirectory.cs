using System.Collections.Concurrent;
using FleetManager.Data;
using FleetManager.Data.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Images;

/// <summary>
/// Knows which images were uploaded, and notes that events name them. Nearly every event names images of a moment ago, so those that were seen
/// are remembered for as long as nothing could have deleted them.
/// </summary>
internal sealed class ImageDirectory(IDbContextFactory<FleetDb> databases, ImageWriter writer, TimeProvider time)
{
    private const long CacheBytes = 64 * 1024 * 1024;
    private const int BytesPerEntry = 400;

    // Retention deletes what was not used for two days more than the history window: half a day late is early enough.
    private static readonly TimeSpan s_staleAfter = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<(int Workspace, string SourceId), Known> _known = new();
    private long _bytes;

    /// <summary>Whether the use of an image must be written down again.</summary>
    public static bool IsStale(DateTimeOffset usedAt, DateTimeOffset now) => now - usedAt > s_staleAfter;

    /// <summary>
    /// Those of the ids that were uploaded to the workspace, each with the metadata of its upload, a flat JSON object or null. They are in use from
    /// now on: retention lets them be.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string?>> FindAsync(int workspaceId, IEnumerable<string> sourceIds, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in sourceIds)
        {
            if (_known.TryGetValue((workspaceId, id), out var known) && !IsStale(known.UsedAt, now))
            {
                found[id] = known.Metadata;
            }
            else if (SourceIds.IsOurs(id))
            {
                asked.Add(id);
            }
        }

        while (asked.Count > 0)
        {
            var read = await ReadAsync(workspaceId, [.. asked], cancellationToken);
            asked.Clear();
            foreach (var (id, known) in read)
            {
                if (IsStale(known.UsedAt, now))
                {
                    asked.Add(id);
                }
                else
                {
                    found[id] = known.Metadata;
                    Remember(workspaceId, id, known);
                }
            }

            if (asked.Count > 0)
            {
                // Retention may be at them right now, so those that are still there are read once more.
                await writer.BumpAsync(workspaceId, [.. asked], now, cancellationToken);
            }
        }

        return found;
    }

    public void Remember(Image image) => Remember(image.WorkspaceId, image.SourceId, new Known(image.LastUsedAt, image.Metadata));

    public void Forget(int workspaceId, string sourceId) => _known.TryRemove((workspaceId, sourceId), out _);

    private async Task<List<(string Id, Known Known)>> ReadAsync(int workspaceId, List<string> ids, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return [.. (await db.Images
            .Where(i => i.WorkspaceId == workspaceId && EF.Parameter(ids).Contains(i.SourceId))
            .Select(i => new { i.SourceId, i.LastUsedAt, i.Metadata })
            .ToListAsync(cancellationToken)).Select(i => (i.SourceId, new Known(i.LastUsedAt, i.Metadata)))];
    }

    private void Remember(int workspaceId, string sourceId, Known known)
    {
        if (Interlocked.Add(ref _bytes, BytesPerEntry + (2L * (known.Metadata?.Length ?? 0))) > CacheBytes)
        {
            _known.Clear();
            Interlocked.Exchange(ref _bytes, 0);
        }

        _known[(workspaceId, sourceId)] = known;
    }

    /// <param name="UsedAt">The database says this or later.</param>
    /// <param name="Metadata">JSON text.</param>
    private sealed record Known(DateTimeOffset UsedAt, string? Metadata);
}
