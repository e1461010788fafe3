using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

internal sealed partial class StoreTransaction
{
    private const int MaxParkedMessage = 500;
    private const int MaxQuarantined = 100;

    /// <summary>The server has these.</summary>
    public void MarkHeld(SeqRange range)
    {
        if (Clip(range) is not { } known)
        {
            return;
        }

        lock (_state.Gate)
        {
            Unpend(known);
            WriteHeld(_state.Held.Add(known));
            _state.Gone.Add(known);
            _state.Done.Add(known);
            _state.Busy.Add(known);
            DropParked(known);
        }
    }

    /// <summary>
    /// The server does not have these, whatever it said before: those still here become pending again, and the others are lost, which is said.
    /// Returns how many became pending.
    /// </summary>
    public long UnmarkHeld(SeqRange range)
    {
        var still = new SeqSet();
        lock (_state.Gate)
        {
            var missing = _state.Held.Within(range).ToList();
            foreach (var held in missing)
            {
                using var rows = _sql.Query("SELECT seq, length(body) + coalesce(length(images), 0) FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq", held.From, held.Through);
                while (rows.Read())
                {
                    still.Add(new SeqRange(rows.GetInt64(0), rows.GetInt64(0)));
                    _totals = _totals with { PendingBytes = _totals.PendingBytes + rows.GetInt64(1) };
                }
            }

            foreach (var run in missing)
            {
                var whole = _state.Held.Ranges.First(r => r.From <= run.From && r.Through >= run.Through);
                _state.Held.Remove(run);
                WriteHeld(whole);
                _state.Gone.Remove(run);
                _state.Done.Remove(run);
                _state.Busy.Remove(run);
            }

            foreach (var gone in missing.SelectMany(still.Gaps).ToList())
            {
                DeclareLost(gone, "lost_by_server");
            }
        }

        return still.Count;
    }

    /// <summary>The server refused this one for good; it stays, and the queue goes on without it.</summary>
    public void Park(long seq, string code, string message)
    {
        lock (_state.Gate)
        {
            if (_state.Done.Contains(seq))
            {
                return;
            }

            var one = new SeqRange(seq, seq);
            message = message.Length > MaxParkedMessage ? message[..MaxParkedMessage] : message;
            _sql.Execute("INSERT INTO parked (seq, code, message, at) VALUES ($1, $2, $3, $4)", seq, code, message, Now());
            Unpend(one);
            _state.Done.Add(one);
            _state.Busy.Add(one);
            _state.CountParked(code, message, 1);
        }
    }

    /// <summary>Makes a slice of the parked events of one code, or of all, pending again; returns how many.</summary>
    public int Unpark(string? code)
    {
        var slice = new List<(long Seq, long Bytes)>();
        using (var rows = _sql.Query("SELECT seq, length(body) + coalesce(length(images), 0) FROM parked JOIN events USING (seq) WHERE $1 IS NULL OR code = $1 LIMIT $2", code, Slice))
        {
            while (rows.Read())
            {
                slice.Add((rows.GetInt64(0), rows.GetInt64(1)));
            }
        }

        lock (_state.Gate)
        {
            foreach (var (seq, bytes) in slice)
            {
                var one = new SeqRange(seq, seq);
                DropParked(one);
                _totals = _totals with { PendingBytes = _totals.PendingBytes + bytes };
                _state.Done.Remove(one);
                _state.Busy.Remove(one);
            }
        }

        return slice.Count;
    }

    /// <summary>These will never reach the server. A run that goes on is one row, so that years of dropping stay a few rows.</summary>
    public void DeclareLost(SeqRange range, string reason)
    {
        lock (_state.Gate)
        {
            foreach (var lost in _state.Gone.Gaps(range).ToList())
            {
                Unpend(lost);
                WriteLoss(lost, reason);
                _state.Gone.Add(lost);
                _state.Done.Add(lost);
                _state.Busy.Add(lost);
                DropParked(lost);
            }
        }
    }

    /// <summary>Numbers whose rows are damaged or gone are lost, which is said. What is left of the rows is kept for a person to look at.</summary>
    public void Quarantine(SeqRange range)
    {
        _sql.Execute(
            "INSERT OR REPLACE INTO quarantine (seq, id, received_at, use_case, device, body, images, found_at) SELECT seq, id, received_at, use_case, device, body, images, $3 FROM events WHERE seq BETWEEN $1 AND $2",
            range.From, range.Through, Now());
        _sql.Execute("DELETE FROM quarantine WHERE seq <= (SELECT seq FROM quarantine ORDER BY seq DESC LIMIT 1 OFFSET $1)", MaxQuarantined);
        DeclareLost(range, "damaged");
        DeleteEvents(range, int.MaxValue);
    }

    /// <summary>The server knows of these losses of a former epoch.</summary>
    public int MarkFormerReported(LossReport report)
    {
        foreach (var loss in report.Losses)
        {
            _sql.Execute("UPDATE former_losses SET reported = 1 WHERE epoch = $1 AND first = $2 AND last = $3", report.Epoch.ToString(), loss.From, loss.Through);
        }

        return report.Losses.Count;
    }

    /// <summary>The server knows of this loss; one that has grown since is told again.</summary>
    public void MarkReported(DeclaredLoss loss) =>
        _sql.Execute("UPDATE losses SET reported = 1 WHERE first = $1 AND last = $2", loss.From, loss.Through);

    /// <summary>A server never says that it holds what was never sent, unless this store is an old copy of itself.</summary>
    private SeqRange? Clip(SeqRange range)
    {
        var (from, through) = (Math.Max(range.From, 1), Math.Min(range.Through, _totals.LastSeq));
        return from <= through ? new SeqRange(from, through) : null;
    }

    private void DropParked(SeqRange range)
    {
        if (_state.ParkedReasons.Count == 0)
        {
            return;
        }

        using var rows = _sql.Query("DELETE FROM parked WHERE seq BETWEEN $1 AND $2 RETURNING code", range.From, range.Through);
        while (rows.Read())
        {
            _state.CountParked(rows.GetString(0), message: null, -1);
        }
    }

    private void Unpend(SeqRange range)
    {
        foreach (var open in _state.Done.Gaps(range))
        {
            var bytes = _sql.Number("SELECT sum(length(body) + coalesce(length(images), 0)) FROM events WHERE seq BETWEEN $1 AND $2", open.From, open.Through);
            _totals = _totals with { PendingBytes = _totals.PendingBytes - bytes };
        }
    }

    private void WriteHeld(SeqRange changed)
    {
        _sql.Execute("DELETE FROM held WHERE first BETWEEN $1 AND $2", changed.From, changed.Through);
        foreach (var range in _state.Held.Within(changed))
        {
            _sql.Execute("INSERT INTO held (first, last, checksum) VALUES ($1, $2, $3)", range.From, range.Through, RowSum.Of(range.From, range.Through));
        }
    }

    // A run that goes on is one row. One that starts where another does has lost its former numbers since: the longer of both stands.
    private void WriteLoss(SeqRange lost, string reason)
    {
        var (first, last) = (lost.From, lost.Through);
        using (var row = _sql.Query("SELECT first, last FROM losses WHERE first = (SELECT max(first) FROM losses WHERE first <= $1) AND (first = $1 OR (last = $1 - 1 AND reason = $2))", first, reason))
        {
            if (row.Read())
            {
                (first, last) = (row.GetInt64(0), Math.Max(row.GetInt64(1), last));
            }
        }

        _sql.Execute(
            "INSERT INTO losses (first, last, reason, at, reported, checksum) VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (first) DO UPDATE SET last = excluded.last, reason = excluded.reason, at = excluded.at, reported = 0, checksum = excluded.checksum",
            first, last, reason, Now(), RowSum.Of(first, last, reason));
    }
}
