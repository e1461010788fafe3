using FleetManager.Data;
using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Which device events to show. <paramref name="Forward"/>: the oldest first.</summary>
internal sealed record DeviceEventQuery(
    string? EntityType,
    string? EntityId,
    string? Event,
    DateTimeOffset? From,
    DateTimeOffset? Before,
    bool Dedupe,
    bool Forward,
    DeviceEventCursor? Cursor,
    int Limit);

/// <summary>A page of device events; a cursor is null where nothing lies on that side.</summary>
internal sealed record DeviceEventPage(IReadOnlyList<DeviceEvent> Rows, DeviceEventCursor? Next, DeviceEventCursor? Previous);

/// <summary>Shows what happened to a device.</summary>
internal sealed class DeviceEventService(IDbContextFactory<FleetDb> databases)
{
    /// <summary>The device must be one of the caller's workspace. Rows that arrive meanwhile move no page: pages go by the key.</summary>
    public async Task<DeviceEventPage> QueryAsync(int deviceKey, DeviceEventQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var events = Matching(db.DeviceEvents.AsNoTracking().Where(e => e.DeviceKey == deviceKey), query);

        // Rows are read away from the cursor, and shown in the order that was asked for.
        var towardsNewer = query.Cursor?.Newer ?? query.Forward;
        var read = await (towardsNewer ? events.OrderBy(e => e.Key) : events.OrderByDescending(e => e.Key)).Take(query.Limit + 1).ToListAsync(cancellationToken);
        var hasMore = read.Count > query.Limit;
        var rows = read.Take(query.Limit).OrderBy(e => e.Key).ToList();
        if (rows.Count == 0)
        {
            return new DeviceEventPage([], null, null);
        }

        var cameFromCursor = query.Cursor is not null;
        DeviceEventCursor? newer = (towardsNewer ? hasMore : cameFromCursor) ? new(rows[^1].Key, Newer: true) : null;
        DeviceEventCursor? older = (towardsNewer ? cameFromCursor : hasMore) ? new(rows[0].Key, Newer: false) : null;
        if (query.Forward)
        {
            return new DeviceEventPage(rows, newer, older);
        }

        rows.Reverse();
        return new DeviceEventPage(rows, older, newer);
    }

    private static IQueryable<DeviceEvent> Matching(IQueryable<DeviceEvent> events, DeviceEventQuery query)
    {
        events = query.Dedupe ? events.Where(e => !e.IsRepeat) : events;
        events = query.EntityType is { } type ? events.Where(e => e.EntityType == type) : events;
        events = query.EntityId is { } id ? events.Where(e => e.EntityId == id) : events;
        events = query.Event is { } name ? events.Where(e => e.Event == name) : events;
        events = query.From is { } from ? events.Where(e => e.At >= from) : events;
        events = query.Before is { } before ? events.Where(e => e.At <= before) : events;
        return query.Cursor switch
        {
            { Newer: true, Key: var key } => events.Where(e => e.Key > key),
            { Newer: false, Key: var key } => events.Where(e => e.Key < key),
            null => events,
        };
    }
}
