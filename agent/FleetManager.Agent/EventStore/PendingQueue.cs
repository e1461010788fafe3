using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.EventStore;

/// <summary>Hands pending events out to senders, each to one at a time.</summary>
internal sealed class PendingQueue(StoreState state, StoreReader reader, StoreWriter writer)
{
    public async Task<Lease?> LeaseAsync(int limit, long maxBytes, BackupOrder order, CancellationToken cancellationToken)
    {
        while (Take(limit, order) is (var epoch, { Count: > 0 } spans))
        {
            var events = new List<NumberedEvent>();
            try
            {
                foreach (var span in spans)
                {
                    var room = maxBytes - events.Sum(e => e.Bytes);
                    if (room > 0)
                    {
                        var read = reader.Read(epoch, span, limit, room, order);
                        await DeclareDamagedAsync(epoch, span, read, isAll: read.Sum(e => e.Bytes) < room, order, cancellationToken);
                        events.AddRange(read);
                    }
                }
            }
            catch (Exception e)
            {
                spans.ForEach(s => state.Release(epoch, s));
                // When a new epoch began meanwhile there is nothing to mend: the numbers were of the former one.
                if (state.Epoch == epoch && (!Damage.Is(e) || !await writer.MendAsync(cancellationToken)))
                {
                    throw;
                }

                continue;
            }

            var unread = new SeqSet(events.Select(e => new SeqRange(e.Seq, e.Seq)));
            foreach (var range in spans.SelectMany(unread.Gaps).ToList())
            {
                state.Release(epoch, range);
            }

            if (events.Count > 0)
            {
                return new Lease(epoch, events);
            }
        }

        return null;
    }

    public void Release(Guid epoch, IEnumerable<long> numbers)
    {
        foreach (var range in Settlement.Ranges(numbers))
        {
            state.Release(epoch, range);
        }
    }

    /// <summary>Lowest number that is neither held, nor lost, nor parked.</summary>
    public long? OldestPending()
    {
        lock (state.Gate)
        {
            return state.Done.Gaps(new SeqRange(1, state.Totals.LastSeq)).Select(g => (long?)g.From).FirstOrDefault();
        }
    }

    private (Guid Epoch, List<SeqRange> Spans) Take(int limit, BackupOrder order)
    {
        var spans = new List<SeqRange>();
        lock (state.Gate)
        {
            var all = new SeqRange(1, state.Totals.LastSeq);
            foreach (var gap in order == BackupOrder.OldestFirst ? state.Busy.Gaps(all) : state.Busy.GapsBackwards(all))
            {
                var wanted = Math.Min(limit, gap.Count);
                spans.Add(order == BackupOrder.OldestFirst ? gap with { Through = gap.From + wanted - 1 } : gap with { From = gap.Through - wanted + 1 });
                limit -= (int)wanted;
                if (limit == 0)
                {
                    break;
                }
            }

            foreach (var span in spans)
            {
                state.Leased.Add(span);
                state.Busy.Add(span);
            }

            return (state.Epoch, spans);
        }
    }

    // A number without its row is damage. Told as such, it neither holds up the queue nor is passed over in silence.
    private async Task DeclareDamagedAsync(Guid epoch, SeqRange span, List<NumberedEvent> read, bool isAll, BackupOrder order, CancellationToken cancellationToken)
    {
        var seen = isAll ? span
            : order == BackupOrder.OldestFirst ? span with { Through = read[^1].Seq }
            : span with { From = read[^1].Seq };
        var missing = new SeqSet(read.Select(e => new SeqRange(e.Seq, e.Seq))).Gaps(seen).ToList();
        if (missing.Count > 0)
        {
            await writer.WriteAsync(
                epoch,
                t =>
                {
                    missing.ForEach(t.Quarantine);
                    return missing.Count;
                },
                cancellationToken);
        }
    }
}
