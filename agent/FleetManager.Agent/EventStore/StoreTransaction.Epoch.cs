namespace FleetManager.Agent.EventStore;

internal sealed partial class StoreTransaction
{
    /// <summary>
    /// Begins a new epoch: every event that is still here is numbered anew from 1 and is pending again, for which numbers of the old epoch the
    /// server holds tells nothing about them. Ids stay, so what the server has does not come twice.
    /// </summary>
    public Guid BeginEpoch()
    {
        var epoch = Guid.NewGuid();
        _sql.Execute("CREATE TEMP TABLE renumbered AS SELECT seq AS old, row_number() OVER (ORDER BY seq) AS new FROM events");
        _sql.Execute("CREATE UNIQUE INDEX temp.renumbered_old ON renumbered (old)");

        // By way of negative numbers, for each new number may still be an old one.
        _sql.Execute("UPDATE events SET seq = -(SELECT new FROM temp.renumbered WHERE old = seq)");
        _sql.Execute("UPDATE events SET seq = -seq");
        _sql.Execute("DROP TABLE temp.renumbered");
        _sql.Execute("DELETE FROM held");
        _sql.Execute("DELETE FROM parked");
        _sql.Execute("DELETE FROM losses");
        _totals = _totals with
        {
            LastSeq = _totals.Records,
            PendingBytes = _sql.Number("SELECT coalesce(sum(length(body) + coalesce(length(images), 0)), 0) FROM events"),
        };
        _sql.Execute("UPDATE store SET epoch = $1, last_seq = $2, pending_bytes = $3", epoch.ToString(), _totals.LastSeq, _totals.PendingBytes);
        lock (_state.Gate)
        {
            _state.ForgetLeases();
            _state.Load(_sql);
        }

        return epoch;
    }
}
