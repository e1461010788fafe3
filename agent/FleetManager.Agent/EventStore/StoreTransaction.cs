using FleetManager.Contracts.Agents;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// What the writer does within one transaction. Sums are worked on in a copy and published at the commit; the ranges are changed in place
/// and read again from the journal after a rollback, which is rare.
/// </summary>
internal sealed partial class StoreTransaction : IDisposable
{
    /// <summary>Most rows deleted at once: larger deletions would hold up the producers behind them.</summary>
    public const int Slice = 500;

    // Each start adds up at most so many events.
    private const long MaxTail = 1000;

    private readonly JournalKeeper _keeper;
    private readonly Statements _sql;
    private readonly StoreState _state;
    private readonly ImageFiles _files;
    private readonly FreeSpace _disk;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _arrived = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreferenced = new(StringComparer.Ordinal);
    private StoreTotals _totals;
    private (long Count, long Bytes) _plain;
    private long _committed;
    private bool _undone = true;

    public StoreTransaction(JournalKeeper keeper, StoreState state, ImageFiles files, FreeSpace disk, TimeProvider time)
    {
        (_keeper, _state, _files, _disk, _time) = (keeper, state, files, disk, time);
        _sql = keeper.Open(state);
        _committed = state.Totals.LastSeq;
        _age = new StoreAge(time);
        GoOnAging();
    }

    /// <summary>Of which the numbers of this transaction are.</summary>
    public Guid Epoch => _state.Epoch;

    public void Begin()
    {
        if (_sql.IsClosed)
        {
            _sql.Reopen(_keeper.Connect());
            _undone = false;
        }

        if (!_undone)
        {
            Rollback();
        }

        _totals = _state.Totals;
        _plain = default;
        _arrived.Clear();
        _unreferenced.Clear();
        _sql.Execute("BEGIN IMMEDIATE");
    }

    public void Commit()
    {
        _files.Flush(_arrived);
        _keeper.Reserve(_state.Epoch, _state.Totals.LastSeq, _totals.LastSeq);
        var isNoted = !IsTail();
        if (isNoted)
        {
            WriteTotals();
        }

        _sql.Execute("COMMIT");
        lock (_state.Gate)
        {
            _state.Totals = _totals;
            _state.Noted = isNoted ? _totals : _state.Noted;
        }

        FreeReserved();
        _committed = _totals.LastSeq;

        // Only now: until the commit the rows that name these files are still there. A crash here leaves files for the sweep.
        foreach (var hash in _unreferenced)
        {
            _files.Delete(hash);
        }
    }

    /// <summary>Throws when the journal can not even be read; the next <see cref="Begin"/> tries again, for nothing may build on what is not stored.</summary>
    public void Rollback()
    {
        _undone = false;
        // SQLite has ended the transaction itself after some failures, such as a full disk.
        if (!_sql.IsIdle)
        {
            _sql.Execute("ROLLBACK");
        }

        FreeReserved();
        _state.Load(_sql);
        if (_state.Totals.LastSeq < _committed)
        {
            throw new InvalidDataException($"the event store ends at {_state.Totals.LastSeq}, and {_committed} was the last number that it took");
        }

        _committed = _state.Totals.LastSeq;
        ReadLastMark();
        _undone = true;
    }

    /// <summary>
    /// Puts another journal in the place of this one: what can be read of it, under the same numbers or, where the plan asks for it, under a new
    /// epoch. When it throws, the journal is the one it was, or the next <see cref="Begin"/> opens what is there.
    /// </summary>
    public CopyResult Rebuild(CopyPlan plan)
    {
        var result = _keeper.Copy(plan.NewEpoch ? plan : plan with { Issued = new SeqRange(1, _committed) });
        _sql.Dispose();
        _undone = false;
        _keeper.Swap();
        _sql.Reopen(_keeper.Connect());
        if (plan.NewEpoch)
        {
            _state.ForgetLeases();
        }

        _state.Load(_sql);
        _committed = _state.Totals.LastSeq;
        ReadLastMark();
        _keeper.Reserve(_state.Epoch, _state.Totals.LastSeq, _state.Totals.LastSeq);
        _undone = true;
        return result;
    }

    /// <summary>Gives the room of the reserve back, and folds the journal's log in, so that it can be written from its start again.</summary>
    public void FreeRoom()
    {
        _keeper.Spare.Release();
        try
        {
            _sql.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // Then the reserve must do.
        }
    }

    /// <summary>Takes the reserve again when there is room, and lets go of what was set aside when there is none, or nobody came for it.</summary>
    public bool TendDisk(StorePolicy policy)
    {
        _keeper.Aside.Tend(_disk.Available < policy.FreeDiskToLeave);
        return _keeper.Spare.Restore(_disk, policy.FreeDiskToLeave);
    }

    public void Dispose()
    {
        _sql.Dispose();
        _keeper.Close(_state.Epoch, _state.Totals.LastSeq);
    }

    // Events without images are all that came since the sums were written: their rows tell it as well, and a page less is written.
    private bool IsTail()
    {
        var before = _state.Totals;
        var (count, bytes) = _plain;
        return _totals.LastSeq - _state.Noted.LastSeq < MaxTail && _totals == before with
        {
            LastSeq = before.LastSeq + count,
            Records = before.Records + count,
            Bytes = before.Bytes + bytes,
            PendingBytes = before.PendingBytes + bytes,
        };
    }

    private void WriteTotals() => _sql.Execute(
        "UPDATE store SET last_seq = $1, records = $2, drafts = $3, images = $4, bytes = $5, pending_bytes = $6, unsent_bytes = $7, checksum = $8",
        _totals.LastSeq, _totals.Records, _totals.Drafts, _totals.Images, _totals.Bytes, _totals.PendingBytes, _totals.UnsentBytes, JournalRows.SumOf(_state.Epoch, _totals));

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Highest number given out.</summary>
    public long LastSeq => _totals.LastSeq;
}
