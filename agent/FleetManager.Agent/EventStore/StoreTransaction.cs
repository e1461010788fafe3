using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// What the writer does within one transaction. Sums are worked on in a copy and published at the commit; the ranges are changed in place
/// and read again from the journal after a rollback, which is rare.
/// </summary>
internal sealed partial class StoreTransaction : IDisposable
{
    /// <summary>Most rows deleted at once: larger deletions would hold up the producers behind them.</summary>
    public const int Slice = 500;

    private readonly Statements _sql;
    private readonly StoreState _state;
    private readonly ImageFiles _files;
    private readonly FreeSpace _disk;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _arrived = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreferenced = new(StringComparer.Ordinal);
    private StoreTotals _totals;
    private bool _undone = true;

    public StoreTransaction(Statements sql, StoreState state, ImageFiles files, FreeSpace disk, TimeProvider time)
    {
        (_sql, _state, _files, _disk, _time) = (sql, state, files, disk, time);
        state.Load(sql);
    }

    public void Begin()
    {
        if (!_undone)
        {
            Rollback();
        }

        _totals = _state.Totals;
        _arrived.Clear();
        _unreferenced.Clear();
        _sql.Execute("BEGIN IMMEDIATE");
    }

    public void Commit()
    {
        _files.Flush(_arrived);
        _sql.Execute(
            "UPDATE store SET last_seq = $1, records = $2, drafts = $3, images = $4, bytes = $5, pending_bytes = $6, unsent_bytes = $7",
            _totals.LastSeq, _totals.Records, _totals.Drafts, _totals.Images, _totals.Bytes, _totals.PendingBytes, _totals.UnsentBytes);
        _sql.Execute("COMMIT");
        lock (_state.Gate)
        {
            _state.Totals = _totals;
        }

        FreeReserved();
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
        _undone = true;
    }

    public void Dispose() => _sql.Dispose();

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private SeqRange All => new(1, _totals.LastSeq);
}
