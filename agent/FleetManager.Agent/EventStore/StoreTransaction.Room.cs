using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.EventStore;

internal sealed partial class StoreTransaction
{
    // Bounds what one accepted event may delete, so that a cap lowered far below the present use is reached step by step.
    private const int DropsPerEvent = 64;

    /// <summary>True when an event of that size fits, after dropping what the policy lets go of.</summary>
    public bool MakeRoom(long bytes, int files, StorePolicy policy)
    {
        var before = _totals;
        if (bytes > policy.Limits.MaxBytes || !HasDisk(bytes, files, policy))
        {
            return false;
        }

        for (var dropped = 0; dropped < DropsPerEvent && !Fits(bytes, policy.Limits); dropped++)
        {
            if (DeleteHeld(1) == 0 && !(policy.DropsUnsynced && DropOldest()))
            {
                break;
            }
        }

        // Above a cap that was lowered it is enough not to grow.
        return Fits(bytes, policy.Limits)
            || (_totals.Records + _totals.Drafts < before.Records + before.Drafts && _totals.Bytes + bytes <= before.Bytes);
    }

    /// <summary>Deletes a slice of what has outlived its purpose; returns how many rows went.</summary>
    public int Trim(StorePolicy policy)
    {
        var limits = policy.Limits;
        if (policy.Backup.DeleteAfterBackup || !Fits(0, limits) || !LeavesRoom(0, 0, policy))
        {
            if (DeleteHeld(Slice) is > 0 and var deleted)
            {
                return deleted;
            }
        }

        var old = OlderThan(TimeSpan.FromDays(limits.RetentionDays));
        return limits.RetentionDays == 0 || old == 0 ? 0
            : DeleteHeld(Slice, old) is > 0 and var expired ? expired
            : policy.Backup.Enabled ? 0
            : DropUnsynced("expired", Slice, old);
    }

    /// <summary>Gives free pages of the journal back to the volume.</summary>
    public int Shrink()
    {
        using var rows = _sql.Query("PRAGMA incremental_vacuum(8000)");
        var pages = 0;
        while (rows.Read())
        {
            pages++;
        }

        return pages;
    }

    private bool Fits(long bytes, EventStoreSettings limits) => _totals.Fits(bytes, limits);

    // What else fills the volume is not ours: below the floor only copies of what the server holds are dropped, never the backlog.
    private bool HasDisk(long bytes, int files, StorePolicy policy)
    {
        if (!LeavesRoom(bytes, files, policy))
        {
            // Counted by us: the files go only with the commit, and the operating system would say that there is no room yet.
            var before = _totals;
            DeleteHeld(Slice);
            Shrink();
            _disk.Spend(_totals.Bytes - before.Bytes, (int)(_totals.Images - before.Images));
            if (!LeavesRoom(bytes, files, policy))
            {
                return false;
            }
        }

        _disk.Spend(bytes, files);
        return true;
    }

    private bool LeavesRoom(long bytes, int files, StorePolicy policy) => _disk.Available - bytes >= policy.FreeDiskToLeave && _disk.HasFiles(files);

    /// <summary>Deletes the oldest events that the server holds.</summary>
    private int DeleteHeld(int limit, long through = long.MaxValue)
    {
        var before = _totals.Records;
        List<SeqRange> held;
        lock (_state.Gate)
        {
            held = _state.Held.Within(new SeqRange(FirstSeq(), Math.Min(through, _totals.LastSeq))).ToList();
        }

        foreach (var range in held)
        {
            var deleted = (int)(before - _totals.Records);
            if (deleted >= limit)
            {
                break;
            }

            DeleteEvents(range, limit - deleted);
        }

        return (int)(before - _totals.Records);
    }

    private bool DropOldest() => DropUnsynced("store_full", 1) > 0;

    private int DropUnsynced(string reason, int limit, long through = long.MaxValue)
    {
        var before = _totals.Records;
        lock (_state.Gate)
        {
            // A leased event may be on the server already; it is not ours to call lost. Under one lock, for a sender may come between.
            foreach (var range in _state.Leased.Gaps(new SeqRange(FirstSeq(), Math.Min(through, _totals.LastSeq))).ToList())
            {
                if (First(range, limit) is { } oldest)
                {
                    DeclareLost(oldest, reason);
                    DeleteEvents(oldest, limit);
                    break;
                }
            }
        }

        return (int)(before - _totals.Records);
    }

    /// <summary>The numbers between which the first rows of a span are; null when there are none.</summary>
    private SeqRange? First(SeqRange span, int limit)
    {
        using var row = _sql.Query("SELECT min(seq), max(seq) FROM (SELECT seq FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq LIMIT $3)", span.From, span.Through, limit);
        return row.Read() && !row.IsDBNull(0) ? new SeqRange(row.GetInt64(0), row.GetInt64(1)) : null;
    }

    private long FirstSeq() => _sql.Scalar("SELECT min(seq) FROM events") is long first ? first : _totals.LastSeq + 1;
}
