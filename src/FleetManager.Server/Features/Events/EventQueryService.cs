using System.Linq.Expressions;
using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Events;

/// <summary>Reads events: pages newest first by key, never by offset, so that a page deep down costs what the first one costs.</summary>
internal sealed class EventQueryService(
    IDbContextFactory<FleetDb> databases,
    UseCaseDirectory directory,
    HistoryWindow history,
    EventCounts counts,
    IOptions<FleetOptions> options,
    TimeProvider time)
{
    /// <summary>Characters of JSON after which a page ends early: a thousand events of the largest kind would be gigabytes.</summary>
    private const long PageLength = 16 * 1024 * 1024;

    /// <summary>How many of the newest events are looked through for a pair before the index is asked (decision 61).</summary>
    private const int Near = 20_000;

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
        return await SearchAsync((db, stop) => FindPageAsync(db, workspaceId, query, useCase, floor, stop), cancellationToken);
    }

    /// <summary>How many events match, exactly; the limit and the cursor do not count.</summary>
    public async Task<long> CountAsync(int workspaceId, EventQuery query, CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, query.UseCaseId, cancellationToken) is not { } useCase)
        {
            return 0;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        return await SearchAsync(
            async (db, stop) => await counts.TryCountAsync(workspaceId, useCase.Key, query, stop)
                ?? await db.InRange(query, useCase.Key, floor).Matching(db, query, workspaceId).LongCountAsync(stop),
            cancellationToken);
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

    private static async Task<EventPage> FindPageAsync(
        FleetDb db,
        int workspaceId,
        EventQuery query,
        UseCaseRef useCase,
        DateTimeOffset floor,
        CancellationToken cancellationToken)
    {
        var events = db.InRange(query, useCase.Key, floor);
        if (query.Cursor is { } text)
        {
            events = events.After(EventCursor.TryParse(text, out var cursor) ? cursor : throw new FormatException("The cursor is not one of ours."));
        }

        if (!query.HasPair || !db.JudgesColumnsApart)
        {
            return await ReadPageAsync(db, events.Matching(db, query, workspaceId), query.Limit, useCase.Id, cancellationToken);
        }

        // Do the two meet often, a page is full at once. Else they are so rare that the index finds all of them, sooner than a walk does.
        var near = await ReadPageAsync(db, events.Newest(Near).Matching(db, query, workspaceId), query.Limit, useCase.Id, cancellationToken);
        return near.HasMore
            ? near
            : await ReadPageAsync(db, events.Matching(db, query, workspaceId).FoundFirst(), query.Limit, useCase.Id, cancellationToken);
    }

    private static async Task<EventPage> ReadPageAsync(FleetDb db, IQueryable<VisionEvent> events, int limit, string useCaseId, CancellationToken cancellationToken)
    {
        var rows = events.Newest(limit + 1).Select(ToRow(db, useCaseId)).AsAsyncEnumerable();
        var (page, hasMore) = await FillAsync(rows, limit, cancellationToken);
        var next = hasMore ? new EventCursor(page[^1].Event.Timestamp, page[^1].Key).ToString() : null;
        return new EventPage([.. page.Select(r => r.Event)], next, hasMore);
    }

    /// <summary>What a caller may ask for can mean to look at every event: no such look takes longer than the limit, and none outlives its caller.</summary>
    private async Task<T> SearchAsync<T>(Func<FleetDb, CancellationToken, Task<T>> search, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromSeconds(options.Value.Database.SearchSeconds);
        using var tooLong = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // The token is the limit; the provider's own stands behind it.
        db.Database.SetCommandTimeout(limit + TimeSpan.FromSeconds(5));
        try
        {
            return await db.ReadAsync(() => search(db, stop.Token), stop.Token);
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TooSlowException(limit);
        }
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
