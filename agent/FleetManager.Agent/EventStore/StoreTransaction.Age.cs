namespace FleetManager.Agent.EventStore;

internal sealed partial class StoreTransaction
{
    // Events are kept up to this much longer than asked for, and a mark is written this often.
    private static readonly long s_markEvery = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private readonly StoreAge _age;
    private long? _lastMark;
    private long _notedAge;

    /// <summary>Writes the age down, so that a restart goes on from it; at most once an hour, for each costs a flush.</summary>
    public int NoteAge(bool atOnce)
    {
        if (!atOnce && _age.Now - _notedAge < s_markEvery)
        {
            return 0;
        }

        _notedAge = _age.Now;
        _sql.Execute("DELETE FROM ages WHERE seq < (SELECT max(seq) FROM ages WHERE seq <= $1)", FirstSeq());
        return _sql.Execute("UPDATE store SET age = $1, age_wall = $2", _notedAge, _age.Wall);
    }

    private void GoOnAging()
    {
        using (var row = _sql.Query("SELECT age, age_wall FROM store"))
        {
            row.Read();
            _age.GoOnFrom(row.GetInt64(0), row.GetInt64(1));
        }

        _notedAge = _age.Now - s_markEvery;
        ReadLastMark();
    }

    private void ReadLastMark() => _lastMark = _sql.Scalar("SELECT max(at) FROM ages") as long?;

    /// <summary>The first number of an hour is written down with the age of the store: all up to the next such number came within that hour.</summary>
    private void MarkAge()
    {
        var now = _age.Now;
        if (_lastMark is not { } last || now - last >= s_markEvery)
        {
            _sql.Execute("INSERT OR REPLACE INTO ages (seq, at) VALUES ($1, $2)", _totals.LastSeq, now);
            _lastMark = now;
        }
    }

    /// <summary>The last number that is older than that for certain; 0 when none is.</summary>
    private long OlderThan(TimeSpan age)
    {
        var end = _age.Now - (long)age.TotalMilliseconds - s_markEvery;
        return _lastMark is null ? 0
            : _sql.Scalar("SELECT min(seq) FROM ages WHERE at > $1", end) is long young ? young - 1
            : _totals.LastSeq;
    }
}
