using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Searches the journal from its newest event down, in slices, each a read transaction of its own: a long one would keep the writer from folding
/// its log in. What a search may look at is bounded; one that finds little says where to go on.
/// </summary>
internal sealed class EventFinder(StoreState state, StoreReader reader)
{
    private const long Slice = 2000;
    private const long MostScanned = 100_000;
    private const long MostBytes = 8 * 1024 * 1024;

    public EventPage Find(EventFilter filter, long below, int limit, CancellationToken cancellationToken)
    {
        var found = new List<NumberedEvent>();
        var (first, last) = Bounds();
        var (next, bytes) = (Math.Min(below - 1, last), 0L);
        var stop = next - MostScanned;
        while (next >= first && next > stop)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slice = new SeqRange(Math.Max(first, next - Slice + 1), next);
            foreach (var span in Enumerable.Reverse(Spans(filter.Status, slice)))
            {
                foreach (var one in reader.Matching(filter, span, limit - found.Count, MostBytes - bytes))
                {
                    found.Add(one);
                    bytes += one.Event.OwnBytes;
                }

                if (found.Count == limit || bytes >= MostBytes)
                {
                    return Page(found, found[^1].Seq - 1, first);
                }
            }

            next = slice.From - 1;
        }

        return Page(found, next, first);
    }

    public long Count(EventFilter filter, CancellationToken cancellationToken)
    {
        if (filter.IsByStatusOnly)
        {
            return CountOf(filter.Status);
        }

        var (count, (next, last)) = (0L, Bounds());
        while (next <= last)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slice = new SeqRange(next, Math.Min(last, next + Slice - 1));
            count += Spans(filter.Status, slice).Sum(span => reader.CountMatching(filter, span));
            next = slice.Through + 1;
        }

        return count;
    }

    public EventStatus StatusOf(long seq)
    {
        lock (state.Gate)
        {
            return state.Held.Contains(seq) ? EventStatus.BackedUp : state.Done.Contains(seq) ? EventStatus.Parked : EventStatus.Pending;
        }
    }

    private EventPage Page(List<NumberedEvent> found, long next, long first) =>
        new([.. found.Select(e => new FoundEvent(e, StatusOf(e.Seq)))], next >= first ? next + 1 : null);

    private (long First, long Last) Bounds()
    {
        var first = reader.FirstSeq();
        lock (state.Gate)
        {
            return (first ?? state.Totals.LastSeq + 1, state.Totals.LastSeq);
        }
    }

    // What has a row is held, parked or pending: a lost number's row goes with the declaration.
    private long CountOf(EventStatus? status)
    {
        lock (state.Gate)
        {
            var parked = state.Done.Count - state.Gone.Count;
            return status switch
            {
                EventStatus.Pending => state.Pending,
                EventStatus.Parked => parked,
                EventStatus.BackedUp => Math.Max(0, state.Totals.Records - state.Pending - parked),
                _ => state.Totals.Records,
            };
        }
    }

    private List<SeqRange> Spans(EventStatus? status, SeqRange slice)
    {
        lock (state.Gate)
        {
            return status switch
            {
                EventStatus.BackedUp => [.. state.Held.Within(slice)],
                EventStatus.Pending => [.. state.Done.Gaps(slice)],
                EventStatus.Parked => [.. state.Done.Within(slice).SelectMany(state.Gone.Gaps)],
                _ => [slice],
            };
        }
    }
}
