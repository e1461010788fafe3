using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.EventStore;

/// <summary>Sums over the journal, written with every commit, so that no start has to count.</summary>
/// <param name="LastSeq">Highest number given out.</param>
/// <param name="Records">Events in the store.</param>
/// <param name="Drafts">Drafts in the store.</param>
/// <param name="Images">Image files.</param>
/// <param name="Bytes">Bytes of events, drafts and image files.</param>
/// <param name="PendingBytes">Bytes of the events that wait for the backup, without images.</param>
/// <param name="UnsentBytes">Bytes of the image files that the server has not got.</param>
internal readonly record struct StoreTotals(long LastSeq, long Records, long Drafts, long Images, long Bytes, long PendingBytes, long UnsentBytes)
{
    /// <summary>What the backup still has to send: never more than is stored, for an image goes up once however many events show it.</summary>
    public long BytesToSend(BackupImages images) => PendingBytes == 0 ? 0 : PendingBytes + (images == BackupImages.None ? 0 : UnsentBytes);

    /// <summary>Whether one more event of that size stays within the caps.</summary>
    public bool Fits(long bytes, EventStoreSettings limits) => Records + Drafts < limits.MaxRecords && Bytes + bytes <= limits.MaxBytes;
}

/// <summary>
/// Where every number stands, in memory: a few ranges however long the backlog is. The writer changes it, others read it, all under
/// <see cref="Gate"/>. Held ⊂ Gone ⊂ Done ⊂ Busy.
/// </summary>
internal sealed class StoreState
{
    public Lock Gate { get; } = new();

    public Guid Epoch { get; private set; }

    /// <summary>As of the last commit.</summary>
    public StoreTotals Totals { get; set; }

    /// <summary>The sums that stand in the journal: what was accepted after them is added up when they are read.</summary>
    public StoreTotals Noted { get; set; }

    /// <summary>The server has them.</summary>
    public SeqSet Held { get; private set; } = new();

    /// <summary>Held, or declared lost.</summary>
    public SeqSet Gone { get; private set; } = new();

    /// <summary>Gone, or parked: nothing to send.</summary>
    public SeqSet Done { get; private set; } = new();

    /// <summary>Done, or leased to a sender right now.</summary>
    public SeqSet Busy { get; private set; } = new();

    /// <summary>Leased to a sender right now; known to this process only.</summary>
    public SeqSet Leased { get; } = new();

    public Dictionary<string, ParkedReason> ParkedReasons { get; } = new(StringComparer.Ordinal);

    public long Pending => Totals.LastSeq - Done.Count;

    /// <summary>Reads everything from the journal, at start and after a transaction that failed.</summary>
    public void Load(Statements sql)
    {
        // All of it is read before any of it is shown: what a damaged journal says must not stand beside what it said before.
        var (epoch, noted) = JournalRows.Store(sql);
        var totals = JournalRows.WithTail(sql, noted);
        var held = new SeqSet(JournalRows.Held(sql));
        var gone = new SeqSet(held.Ranges.Concat(JournalRows.Losses(sql).Select(l => new SeqRange(l.From, l.Through))));
        var done = new SeqSet(gone.Ranges.Concat(JournalRows.Parked(sql)));
        if (done.Ranges.Count > 0 && done.Ranges[^1].Through > totals.LastSeq)
        {
            throw new InvalidDataException($"the event store knows number {done.Ranges[^1].Through}, and its rows end at {totals.LastSeq}");
        }

        var parked = new List<(string Code, string Message, int Count)>();
        using (var reasons = sql.Query("SELECT code, count(*), max(message) FROM parked GROUP BY code"))
        {
            while (reasons.Read())
            {
                parked.Add((reasons.GetString(0), reasons.GetString(2), reasons.GetInt32(1)));
            }
        }

        lock (Gate)
        {
            (Epoch, Noted, Totals, Held, Gone, Done) = (epoch, noted, totals, held, gone, done);
            Busy = new SeqSet(Done.Ranges.Concat(Leased.Ranges));
            ParkedReasons.Clear();
            parked.ForEach(p => CountParked(p.Code, p.Message, p.Count));
        }
    }

    /// <summary>Counts events that were parked for a reason, or are no longer.</summary>
    public void CountParked(string code, string? message, int change)
    {
        var before = ParkedReasons.GetValueOrDefault(code) ?? new ParkedReason(code, "", 0);
        var now = before with { Message = message ?? before.Message, Count = before.Count + change };
        if (now.Count > 0)
        {
            ParkedReasons[code] = now;
        }
        else
        {
            ParkedReasons.Remove(code);
        }
    }

    /// <summary>Forgets who has leased what: the numbers mean other events now.</summary>
    public void ForgetLeases()
    {
        lock (Gate)
        {
            Leased.Remove(new SeqRange(1, long.MaxValue));
        }
    }

    /// <summary>Gives leased numbers back; those of a former epoch mean other events now, and nothing is done.</summary>
    public void Release(Guid epoch, SeqRange range)
    {
        lock (Gate)
        {
            if (epoch != Epoch)
            {
                return;
            }

            Leased.Remove(range);
            foreach (var open in Done.Gaps(range).ToList())
            {
                Busy.Remove(open);
            }
        }
    }
}
