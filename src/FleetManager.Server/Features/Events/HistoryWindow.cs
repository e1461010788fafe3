using System.Text.Json.Nodes;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>How far back a workspace can see (<c>lookbackDays</c>): older events are invisible, whatever a query asks for.</summary>
internal sealed class HistoryWindow(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    public const int MaxDays = 3650;

    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(10);

    private readonly MomentCache<int, int> _cache = new(s_cacheFor, time);

    public Task<int> DaysAsync(int workspaceId, CancellationToken cancellationToken) => _cache.GetAsync(workspaceId, FindAsync, cancellationToken);

    /// <summary>The oldest timestamp that can be seen now.</summary>
    public async Task<DateTimeOffset> FloorAsync(int workspaceId, CancellationToken cancellationToken) =>
        time.GetUtcNow().AddDays(-await DaysAsync(workspaceId, cancellationToken));

    /// <summary>
    /// Sets the window: 1 to <see cref="MaxDays"/> days. A shorter one hides what is older at once, on other servers within seconds; it is deleted later.
    /// </summary>
    public async Task SetAsync(int workspaceId, int days, string actor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MaxDays);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var workspace = await db.Workspaces.SingleAsync(w => w.Id == workspaceId, cancellationToken);
        if (workspace.HistoryDays == days)
        {
            return;
        }

        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = workspaceId,
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "workspace.history_changed",
            Subject = workspace.Slug,
            Detail = new JsonObject { ["from"] = workspace.HistoryDays, ["to"] = days }.ToJsonString(),
        });
        workspace.HistoryDays = days;
        await db.SaveChangesAsync(cancellationToken);
        _cache.Forget();
    }

    private async Task<int> FindAsync(int workspaceId)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Workspaces.Where(w => w.Id == workspaceId).Select(w => w.HistoryDays).SingleAsync();
    }
}
