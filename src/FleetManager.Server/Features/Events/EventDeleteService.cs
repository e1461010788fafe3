using System.Data;
using System.Text.Json.Nodes;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>
/// Deletes events for good (vision-events.md 11). Receipts stay: that an event was held once is no less true when somebody deletes it, so the
/// proof of its device has no gap.
/// </summary>
internal sealed class EventDeleteService(
    IDbContextFactory<FleetDb> databases,
    UseCaseDirectory directory,
    HistoryWindow history,
    ChangeFeed changes,
    TimeProvider time)
{
    public const int MaxIds = 1000;
    private const int Attempts = 5;

    /// <summary>
    /// Ids that name no event of this use case within the history window come back as not found; null when the workspace has no such use case.
    /// </summary>
    public async Task<DeleteAnswer?> DeleteAsync(
        int workspaceId,
        string useCaseId,
        IReadOnlyList<string> eventIds,
        string actor,
        CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, useCaseId, cancellationToken) is not { } useCase)
        {
            return null;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        var ids = eventIds.Distinct(StringComparer.Ordinal).ToList();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var deleted = await TryDeleteAsync(workspaceId, useCase, ids, floor, actor, cancellationToken);
                if (deleted.Count > 0)
                {
                    changes.Publish(new Change(workspaceId, ChangeKind.Events, useCase.Id));
                }

                return new DeleteAnswer(deleted.Count, [.. ids.Where(id => !deleted.Contains(id))]);
            }
            catch (Exception fault) when (attempt < Attempts && DatabaseFaults.IsConflict(fault))
            {
                // One of the events was overwritten meanwhile: look again.
            }
        }
    }

    /// <summary>
    /// One transaction on one snapshot: an event that is overwritten between the look and the deletion fails it, and so the hour in which
    /// that event counts is never missed.
    /// </summary>
    private async Task<HashSet<string>> TryDeleteAsync(
        int workspaceId,
        UseCaseRef useCase,
        List<string> ids,
        DateTimeOffset floor,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var found = await db.Events
            .Where(e => e.WorkspaceId == workspaceId && ids.Contains(e.EventId) && e.UseCaseKey == useCase.Key && e.Timestamp >= floor)
            .Select(e => new { e.Key, e.EventId, e.Timestamp })
            .ToListAsync(cancellationToken);
        if (found.Count == 0)
        {
            return [];
        }

        var keys = found.ConvertAll(e => e.Key);
        await db.Events.Where(e => keys.Contains(e.Key)).ExecuteDeleteAsync(cancellationToken);
        db.TouchedHours.AddRange(found.Select(e => CountRange.Floor(e.Timestamp, TimeSpan.FromHours(1))).Distinct().Select(hour => new TouchedHour { UseCaseKey = useCase.Key, Hour = hour }));
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = workspaceId,
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "events.deleted",
            Subject = useCase.Id,
            Detail = new JsonObject { ["count"] = found.Count }.ToJsonString(),
        });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return found.Select(e => e.EventId).ToHashSet(StringComparer.Ordinal);
    }
}

/// <param name="Deleted">How many events are gone.</param>
/// <param name="NotFound">Ids of the request that named no event.</param>
internal sealed record DeleteAnswer(int Deleted, IReadOnlyList<string> NotFound);
