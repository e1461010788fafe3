using FleetManager.Data.Rollups;

namespace FleetManager.Server.Features.Events.Counts;

/// <param name="From">Where counting begins.</param>
/// <param name="To">Where it ends, not counted itself.</param>
/// <param name="Buckets">All units of time, also those without events, by time.</param>
internal sealed record Histogram(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<HistogramBucket> Buckets)
{
    public static Histogram Of(CountRange range, IEnumerable<EventCount> counts)
    {
        var unit = range.Unit == CountUnit.Day ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);
        var byStart = counts.ToLookup(c => CountRange.Floor(c.Start!.Value, unit));
        var buckets = new List<HistogramBucket>();
        for (var start = CountRange.Floor(range.From, unit); start < range.To; start += unit)
        {
            var types = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var type in byStart[start].GroupBy(c => c.EventType, c => c.Events))
            {
                // Hours that correct their day may add up to nothing.
                if (type.Sum() is > 0 and var events)
                {
                    types[type.Key] = events;
                }
            }

            buckets.Add(new HistogramBucket(start, types.Values.Sum(), types));
        }

        return new Histogram(range.From, range.To, buckets);
    }
}

/// <param name="Start">Start of the hour or day, UTC.</param>
/// <param name="Total">Events in it.</param>
/// <param name="Types">The same by event type; types without events are left out.</param>
internal sealed record HistogramBucket(DateTimeOffset Start, long Total, IReadOnlyDictionary<string, long> Types);

/// <param name="From">Start of the first day.</param>
/// <param name="To">End of the last day.</param>
/// <param name="CountedThrough">Everything that was stored before this moment is counted; null when a day was not counted yet.</param>
/// <param name="Pending">Days that have later events.</param>
/// <param name="Counts">By field, with most events first, the rest of a field as <see cref="FacetKind.Other"/> last.</param>
internal sealed record Facets(
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? CountedThrough,
    IReadOnlyList<DateTimeOffset> Pending,
    IReadOnlyList<FacetCount> Counts);
