using FleetManager.Data;
using FleetManager.Data.Rollups;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events.Counts;

/// <summary>
/// How many events there are, of what type and when, without walking them: from rollups, exact at any moment. Facets are counted by day
/// and lag behind; they say how far.
/// </summary>
internal sealed class EventCounts(IEventCounts counts, IDbContextFactory<FleetDb> databases, HistoryWindow history, TimeProvider time)
{
    // Later than any event can be, and a start of a day.
    private static readonly DateTimeOffset s_end = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Events of use cases by type, from a moment on.</summary>
    public async Task<ILookup<int, (string EventType, long Events)>> TotalsAsync(
        IReadOnlyList<int> useCaseKeys,
        DateTimeOffset from,
        CancellationToken cancellationToken) =>
        (await counts.CountAsync(useCaseKeys, new CountRange(from, s_end, CountUnit.Total), cancellationToken))
            .ToLookup(c => c.UseCaseKey, c => (c.EventType, c.Events));

    /// <summary>How many events match; null when the query asks for more than type and time, which rollups do not know.</summary>
    public async Task<long?> TryCountAsync(int workspaceId, int useCaseKey, EventQuery query, CancellationToken cancellationToken)
    {
        // Compared whole, so that a condition which a query may have one day is not overlooked.
        var rest = query with { EventTypes = [], StartTime = null, EndTime = null, Limit = EventQuery.DefaultLimit, Cursor = null };
        if (rest != new EventQuery { UseCaseId = query.UseCaseId })
        {
            return null;
        }

        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        var from = query.StartTime > floor ? query.StartTime.Value : floor;
        var to = query.EndTime is { } end && end < s_end ? end.AddMicroseconds(1) : s_end;
        if (from >= to)
        {
            return 0;
        }

        var found = await counts.CountAsync([useCaseKey], new CountRange(from, to, CountUnit.Total), cancellationToken);
        return found.Where(c => query.EventTypes.Count == 0 || query.EventTypes.Contains(c.EventType)).Sum(c => c.Events);
    }

    /// <summary>Events by hour or day and type; what is older than the history window is not there.</summary>
    public async Task<Histogram> HistogramAsync(
        int workspaceId,
        int useCaseKey,
        DateTimeOffset from,
        DateTimeOffset to,
        CountUnit unit,
        IReadOnlyList<string> types,
        CancellationToken cancellationToken)
    {
        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        var range = new CountRange(from > floor ? from : floor, to, unit);
        var found = await counts.CountAsync([useCaseKey], range, cancellationToken);
        return Histogram.Of(range, found.Where(c => types.Count == 0 || types.Contains(c.EventType)));
    }

    /// <summary>Values of one field or all in whole days that lie within the history window.</summary>
    public async Task<Facets> FacetsAsync(
        int workspaceId,
        int useCaseKey,
        DateTimeOffset from,
        DateTimeOffset to,
        string? field,
        int top,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        var first = CountRange.Floor(from, TimeSpan.FromDays(1));
        first = first < floor ? CountRange.Ceiling(floor, TimeSpan.FromDays(1)) : first;
        var last = CountRange.Ceiling(to, TimeSpan.FromDays(1));
        List<DateTimeOffset> days = [];
        for (var day = first; day < last; day = day.AddDays(1))
        {
            days.Add(day);
        }

        // What waits is read before the counts: they may then know more than is told of them, never less.
        var (pending, countedThrough) = await PendingAsync(useCaseKey, days, now, cancellationToken);
        var found = await counts.FacetsAsync(useCaseKey, days, field, top, cancellationToken);
        return new Facets(first, last > first ? last : first, countedThrough, pending, found);
    }

    /// <summary>Days with events that are not in their facets yet, and since when; null when some day was never counted.</summary>
    private async Task<(IReadOnlyList<DateTimeOffset> Days, DateTimeOffset? CountedThrough)> PendingAsync(
        int useCaseKey,
        List<DateTimeOffset> days,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (days.Count == 0)
        {
            return ([], now);
        }

        var (from, to) = (days[0], days[^1].AddDays(1));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // Hours first: a recount turns a note of an hour into one of its day.
        var hours = await db.TouchedHours.Where(t => t.UseCaseKey == useCaseKey && t.Hour >= from && t.Hour < to)
            .Select(t => t.Hour).Distinct().ToListAsync(cancellationToken);
        var touched = await db.TouchedDays.Where(t => t.UseCaseKey == useCaseKey && t.Day >= from && t.Day < to)
            .Select(t => t.Day).Distinct().ToListAsync(cancellationToken);
        List<DateTimeOffset> pending = [.. hours.Select(h => CountRange.Floor(h, TimeSpan.FromDays(1))).Concat(touched).Distinct().Order()];
        if (pending.Count == 0)
        {
            return (pending, now);
        }

        var counted = await db.FacetDays.Where(f => f.UseCaseKey == useCaseKey && pending.Contains(f.Day))
            .Select(f => f.CountedAt).ToListAsync(cancellationToken);
        return (pending, counted.Count < pending.Count ? null : counted.Min());
    }
}
