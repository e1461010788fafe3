using System.Linq.Expressions;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events;

/// <summary>Turns the conditions of a query into predicates that both databases can answer from their indexes. Everything adds up.</summary>
internal static class EventFilters
{
    private static readonly string[] s_annotations = ["objectDetections", "classifications", "instanceSegmentations", "keypoints"];

    /// <summary>The events of a use case in the time that is asked for; never older ones than <paramref name="floor"/>.</summary>
    public static IQueryable<VisionEvent> InRange(this FleetDb db, EventQuery query, int useCaseKey, DateTimeOffset floor)
    {
        var from = query.StartTime > floor ? query.StartTime.Value : floor;
        var events = db.Events.Where(e => e.UseCaseKey == useCaseKey && e.Timestamp >= from);
        if (query.EndTime is { } end)
        {
            events = events.Where(e => e.Timestamp <= end);
        }

        return events;
    }

    /// <summary>Those that meet every other condition.</summary>
    public static IQueryable<VisionEvent> Matching(this IQueryable<VisionEvent> events, FleetDb db, EventQuery query, int workspaceId)
    {
        if (query.EventTypes is { Count: > 0 } types)
        {
            events = events.Where(e => types.Contains(e.EventType));
        }

        if (query.HasWarnings is { } warned)
        {
            events = events.Where(warned ? e => e.Warnings != null : e => e.Warnings == null);
        }

        events = events
            // The index by device begins with the workspace.
            .WhereText(query.DeviceId, v => e => e.WorkspaceId == workspaceId && e.DeviceId == v, v => e => e.DeviceId != v)
            .WhereText(query.StreamId, v => e => e.StreamId == v, v => e => e.StreamId != v)
            .WhereText(query.WorkflowId, v => e => e.WorkflowId == v, v => e => e.WorkflowId != v)
            // What the condition of its index says must be said here too.
            .WhereText(
                query.ExternalId,
                v => v.Length > VisionEvent.IndexedLength ? e => e.ExternalId == v : e => e.ExternalId == v && e.ExternalId.Length <= VisionEvent.IndexedLength,
                v => e => e.ExternalId != v)
            .WhereJson(db, query.CustomMetadata, c => e => JsonFunctions.Matches(e.CustomMetadata, c))
            .WhereJson(db, query.ImageMetadata, c => e => JsonFunctions.Matches(e.ImageMetadata, c))
            .WhereJson(db, query.EventData, c => e => JsonFunctions.Matches(e.EventData, c));
        events = query.Columns.Aggregate(events, (found, filter) => found.Where(ColumnFilters.Text(filter)));
        events = query.ImageCount is { } count ? events.Where(ColumnFilters.ImageCount(count)) : events;
        events = query.Detection is { } detection ? events.WhereDetected(db, detection) : events;
        return query.FeedbackStatus is { Count: > 0 } statuses ? events.WhereReviewed(db, workspaceId, statuses) : events;
    }

    /// <summary>The bound on the timestamp stands alone, so that the index is entered at the cursor.</summary>
    public static IQueryable<VisionEvent> After(this IQueryable<VisionEvent> events, EventCursor cursor) =>
        events.Where(e => e.Timestamp <= cursor.Timestamp && (e.Timestamp < cursor.Timestamp || e.Key < cursor.Key));

    /// <summary>In the order of pages, and of the index that they are read from.</summary>
    public static IQueryable<VisionEvent> Newest(this IQueryable<VisionEvent> events, int count) =>
        events.OrderByDescending(e => e.Timestamp).ThenByDescending(e => e.Key).Take(count);

    /// <summary>The same events, found before they are ordered: PostgreSQL looks for no short cut through the order behind a bound.</summary>
    public static IQueryable<VisionEvent> FoundFirst(this IQueryable<VisionEvent> events) => events.Take(int.MaxValue);

    private static IQueryable<VisionEvent> WhereText(
        this IQueryable<VisionEvent> events,
        TextFilter? filter,
        Func<string, Expression<Func<VisionEvent, bool>>> equal,
        Func<string, Expression<Func<VisionEvent, bool>>> notEqual) =>
        filter is null ? events : events.Where(filter.Negated ? notEqual(filter.Value) : equal(filter.Value));

    /// <summary>What must hold is one condition, however many filters say it: a database judges by it how few events there will be.</summary>
    private static IQueryable<VisionEvent> WhereJson(
        this IQueryable<VisionEvent> events,
        FleetDb db,
        IReadOnlyList<FieldFilter> filters,
        Func<string, Expression<Func<VisionEvent, bool?>>> matches)
    {
        if (filters.Where(f => !f.Negated).Select(f => f.Test).ToList() is { Count: > 0 } tests)
        {
            events = events.Where(Is(true, matches(db.Express(new JsonCondition(tests)))));
        }

        return filters.Where(f => f.Negated).Aggregate(events, (found, f) => found.Where(Is(false, matches(db.Express(new JsonCondition([f.Test]))))));
    }

    /// <summary>Classes have an index and confidences none: the first finds the events, the second looks at each annotation of those.</summary>
    private static IQueryable<VisionEvent> WhereDetected(this IQueryable<VisionEvent> events, FleetDb db, DetectionFilter filter)
    {
        var ofClass = db.Express(new JsonCondition([filter.Classes]));
        Expression<Func<VisionEvent, bool?>> matches = e => JsonFunctions.Matches(e.Classes, ofClass);
        if (filter.Confidence is null)
        {
            return events.Where(Is(!filter.Negated, matches));
        }

        var sure = db.Express(new JsonCondition([filter.Classes with { Member = "class" }, filter.Confidence], s_annotations));
        Expression<Func<VisionEvent, bool?>> matchesSurely = e => JsonFunctions.Matches(e.Images, sure);
        return filter.Negated ? events.Where(Is(false, matchesSurely)) : events.Where(Is(true, matches)).Where(Is(true, matchesSurely));
    }

    /// <summary>Feedback may lie in any use case of the workspace.</summary>
    private static IQueryable<VisionEvent> WhereReviewed(this IQueryable<VisionEvent> events, FleetDb db, int workspaceId, IReadOnlyList<string> statuses)
    {
        IQueryable<VisionEvent> With(IReadOnlyList<string> verdicts) =>
            db.Events.Where(f => f.WorkspaceId == workspaceId && f.EventType == EventTypes.OperatorFeedback && verdicts.Contains(f.Feedback));

        var any = With(Verdicts.All);
        var given = With([.. statuses.Intersect(Verdicts.All)]);
        return (statuses.Contains(Verdicts.None), statuses.Any(Verdicts.All.Contains)) switch
        {
            (false, _) => events.Where(e => given.Any(f => f.RelatedEventId == e.EventId)),
            (true, false) => events.Where(e => !any.Any(f => f.RelatedEventId == e.EventId)),
            _ => events.Where(e => given.Any(f => f.RelatedEventId == e.EventId) || !any.Any(f => f.RelatedEventId == e.EventId)),
        };
    }

    /// <summary>An event that has no such JSON at all is one that does not match.</summary>
    private static Expression<Func<VisionEvent, bool>> Is(bool wanted, Expression<Func<VisionEvent, bool?>> matches)
    {
        var yes = Expression.Constant(true, typeof(bool?));
        return Expression.Lambda<Func<VisionEvent, bool>>(wanted ? Expression.Equal(matches.Body, yes) : Expression.NotEqual(matches.Body, yes), matches.Parameters);
    }
}
