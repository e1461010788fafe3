using System.Collections.Concurrent;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>How far back a workspace can see (<c>lookbackDays</c>): older events are invisible, whatever a query asks for.</summary>
internal sealed class HistoryWindow(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<int, (int Days, long At)> _cache = new();

    public async ValueTask<int> DaysAsync(int workspaceId, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(workspaceId, out var cached) && time.GetElapsedTime(cached.At) < s_cacheFor)
        {
            return cached.Days;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var days = await db.Workspaces.Where(w => w.Id == workspaceId).Select(w => w.HistoryDays).SingleAsync(cancellationToken);
        _cache[workspaceId] = (days, time.GetTimestamp());
        return days;
    }

    /// <summary>The oldest timestamp that can be seen now.</summary>
    public async ValueTask<DateTimeOffset> FloorAsync(int workspaceId, CancellationToken cancellationToken) =>
        time.GetUtcNow().AddDays(-await DaysAsync(workspaceId, cancellationToken));
}
