using System.Linq.Expressions;
using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Features.UseCases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>Reads events: pages newest first by key, never by offset, so that a page deep down costs what the first one costs.</summary>
internal sealed class EventQueryService(IDbContextFactory<FleetDb> databases, UseCaseDirectory directory, HistoryWindow history, EventCounts counts)
{
    /// <summary>Characters of JSON after which a page ends early: a thousand events of the largest kind would be gigabytes.</summary>
    private const long PageLength = 16 * 1024 * 1024;

    /// <summary>Empty when the workspace has no such use case. The cursor must be one of <see cref="EventCursor"/>.</summary>
    public async Task<EventPage> QueryAsync(int workspaceId, EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, EventQuery.MaxLimit);
        if (await directory.ResolveAsync(workspaceId, query.UseCaseId, cancellationToken) is not { } useCase)
        {
            return EventPage.Empty;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var events = db.Events.Matching(query, useCase.Key, floor);
        if (query.Cursor is { } text)
        {
            events = events.After(EventCursor.TryParse(text, out var cursor) ? cursor : throw new FormatException("The cursor is not one of ours."));
        }

        var rows = events
            .OrderByDescending(e => e.Timestamp).ThenByDescending(e => e.Key)
            .Take(query.Limit + 1)
            .Select(ToRow(db, useCase.Id))
            .AsAsyncEnumerable();
        var (page, hasMore) = await FillAsync(rows, query.Limit, cancellationToken);
        var next = hasMore ? new EventCursor(page[^1].Event.Timestamp, page[^1].Key).ToString() : null;
        return new EventPage([.. page.Select(r => r.Event)], next, hasMore);
    }

    /// <summary>How many events match; the limit and the cursor do not count.</summary>
    public async Task<long> CountAsync(int workspaceId, EventQuery query, CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, query.UseCaseId, cancellationToken) is not { } useCase)
        {
            return 0;
        }

        if (await counts.TryCountAsync(workspaceId, useCase.Key, query, cancellationToken) is { } counted)
        {
            return counted;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events.Matching(query, useCase.Key, floor).LongCountAsync(cancellationToken);
    }

    /// <summary>Null when the use case has no such event, or it is older than the history window.</summary>
    public async Task<EventDto?> FindAsync(int workspaceId, string useCaseId, string eventId, CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, useCaseId, cancellationToken) is not { } useCase)
        {
            return null;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Events
            .Where(e => e.WorkspaceId == workspaceId && e.EventId == eventId && e.UseCaseKey == useCase.Key && e.Timestamp >= floor)
            .Select(ToRow(db, useCase.Id))
            .SingleOrDefaultAsync(cancellationToken);
        return row?.Event;
    }

    /// <summary>Reads until the page is full, by number or by size; the one row over it only tells that there is more.</summary>
    private static async Task<(List<Row> Page, bool HasMore)> FillAsync(IAsyncEnumerable<Row> rows, int limit, CancellationToken cancellationToken)
    {
        var page = new List<Row>();
        long length = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (page.Count == limit || length >= PageLength)
            {
                return (page, true);
            }

            page.Add(row);
            length += row.Event.JsonLength;
        }

        return (page, false);
    }

    private static Expression<Func<VisionEvent, Row>> ToRow(FleetDb db, string useCaseId) => e => new Row(
        e.Key,
        new EventDto(
            e.EventId,
            useCaseId,
            e.EventType,
            e.Timestamp,
            e.ReceivedAt,
            e.DeviceId,
            e.StreamId,
            e.WorkflowId,
            db.Devices.Where(d => d.Key == e.OriginKey).Select(d => d.DeviceId).FirstOrDefault(),
            e.EventData,
            e.Images,
            e.DisplayImagePosition,
            e.CustomMetadata,
            e.Comment,
            e.Extra,
            e.Warnings));

    private sealed record Row(long Key, EventDto Event);
}
