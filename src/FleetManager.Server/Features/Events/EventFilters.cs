using System.Linq.Expressions;
using FleetManager.Data;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events;

/// <summary>Turns the conditions of a query into predicates that both databases can answer from their indexes.</summary>
internal static class EventFilters
{
    public static IQueryable<VisionEvent> Matching(this IQueryable<VisionEvent> events, EventQuery query, int useCaseKey, DateTimeOffset floor)
    {
        var from = query.StartTime > floor ? query.StartTime.Value : floor;
        events = events.Where(e => e.UseCaseKey == useCaseKey && e.Timestamp >= from);
        if (query.EndTime is { } end)
        {
            events = events.Where(e => e.Timestamp <= end);
        }

        if (query.EventTypes is { Count: > 0 } types)
        {
            events = events.Where(e => types.Contains(e.EventType));
        }

        return events
            .WhereText(query.DeviceId, v => e => e.DeviceId == v, v => e => e.DeviceId != v)
            .WhereText(query.StreamId, v => e => e.StreamId == v, v => e => e.StreamId != v)
            .WhereText(query.WorkflowId, v => e => e.WorkflowId == v, v => e => e.WorkflowId != v)
            .WhereText(
                query.ExternalId,
                v => e => JsonFunctions.MemberText(e.EventData, "externalId") == v,
                v => e => JsonFunctions.MemberText(e.EventData, "externalId") != v);
    }

    /// <summary>The bound on the timestamp stands alone, so that the index is entered at the cursor.</summary>
    public static IQueryable<VisionEvent> After(this IQueryable<VisionEvent> events, EventCursor cursor) =>
        events.Where(e => e.Timestamp <= cursor.Timestamp && (e.Timestamp < cursor.Timestamp || e.Key < cursor.Key));

    private static IQueryable<VisionEvent> WhereText(
        this IQueryable<VisionEvent> events,
        TextFilter? filter,
        Func<string, Expression<Func<VisionEvent, bool>>> equal,
        Func<string, Expression<Func<VisionEvent, bool>>> notEqual) =>
        filter is null ? events : events.Where(filter.Negated ? notEqual(filter.Value) : equal(filter.Value));
}
