using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>Events as the cloud's own API brings them: under ids of the sender, with images that were uploaded before.</summary>
internal sealed partial class StoreTransaction
{
    /// <summary>How long an uploaded image waits for an event that shows it.</summary>
    private static readonly TimeSpan s_uploadsWait = TimeSpan.FromHours(24);

    private readonly HashSet<long> _reserved = [];

    /// <summary>Keeps an image that no event shows yet.</summary>
    public AcceptResult Upload(NewImage image, StorePolicy policy)
    {
        var known = _sql.Execute("UPDATE uploads SET at = $2 WHERE hash = $1", image.Hash, Now()) > 0;
        if (known)
        {
            return AcceptResult.Accepted;
        }

        if (!IsReferenced(image.Hash) && !MakeRoom(image.Content.Length, 1, policy))
        {
            _unreferenced.Add(image.Hash);
            return AcceptResult.Full;
        }

        AddReference(image);
        _sql.Execute("INSERT INTO uploads (hash, at) VALUES ($1, $2)", image.Hash, Now());
        return AcceptResult.Accepted;
    }

    /// <summary>Lets go of a slice of the uploads that no event came for; returns how many.</summary>
    public int ForgetUploads()
    {
        // A clock that was ahead must not keep them for years.
        var (before, ahead) = (_time.GetUtcNow().Subtract(s_uploadsWait).ToUnixTimeMilliseconds(), _time.GetUtcNow().Add(s_uploadsWait).ToUnixTimeMilliseconds());
        var old = new List<string>();
        using (var rows = _sql.Query("SELECT hash FROM uploads WHERE at < $1 OR at > $2 LIMIT $3", before, ahead, Slice))
        {
            while (rows.Read())
            {
                old.Add(rows.GetString(0));
            }
        }

        foreach (var hash in old)
        {
            _sql.Execute("DELETE FROM uploads WHERE hash = $1", hash);
            DropReference(hash);
        }

        return old.Count;
    }

    /// <summary>Stores events that belong together: all, or none.</summary>
    public AcceptResult AcceptNamed(IReadOnlyList<CloudArrival> arrivals, StorePolicy policy)
    {
        if (!arrivals.All(a => Standing(a.Event.Id) is not { } seq || Reserve(seq)))
        {
            return AcceptResult.Busy;
        }

        var before = _totals.LastSeq;
        foreach (var arrival in arrivals)
        {
            if (AcceptNamed(arrival, policy) != AcceptResult.Accepted)
            {
                TakeBack(before);
                return AcceptResult.Full;
            }
        }

        return AcceptResult.Accepted;
    }

    // A repeated id overwrites (vision-events.md 4). An identical repeat, which is what a lost answer causes, writes nothing.
    private AcceptResult AcceptNamed(CloudArrival arrival, StorePolicy policy)
    {
        var stored = arrival.Resolve(hash => BytesOf(hash) is not null);
        if (Standing(stored.Id) is { } repeated && IsSame(repeated, stored))
        {
            return AcceptResult.Accepted;
        }

        if (!MakeRoom(stored.OwnBytes, 0, policy))
        {
            return AcceptResult.Full;
        }

        var bytes = stored.OwnBytes;
        foreach (var hash in StoredImages.Hashes(stored.Images))
        {
            bytes += BytesOf(hash) ?? 0;
            _sql.Execute("UPDATE images SET refs = refs + 1 WHERE hash = $1", hash);
        }

        // Asked anew: making room may have deleted it.
        var seq = Standing(stored.Id) is { } old ? Vacate(old) : null;
        DeleteDraft(stored.Id);
        Number(stored.OwnBytes);
        if (seq is null)
        {
            seq = _totals.LastSeq;
        }
        else
        {
            _totals = _totals with { LastSeq = _totals.LastSeq - 1 };
        }

        _totals = _totals with { Bytes = _totals.Bytes + stored.OwnBytes };
        Insert(seq.Value, stored, Now(), bytes);
        return AcceptResult.Accepted;
    }

    /// <summary>
    /// Removes the row of an event that is overwritten. One that was never sent leaves its number to the new one; one that the server holds keeps
    /// it, and the new one gets a number of its own, so that the server hears of the change.
    /// </summary>
    private long? Vacate(long seq)
    {
        var one = new SeqRange(seq, seq);
        bool held;
        lock (_state.Gate)
        {
            held = _state.Held.Contains(seq);
            if (!held)
            {
                Unpend(one);
                DropParked(one);
                _state.Done.Remove(one);
            }
        }

        DeleteEvents(one, 1);
        return held ? null : seq;
    }

    /// <summary>
    /// Keeps senders away from an event until the commit: one of them would send what is overwritten, and its receipt would stand for what replaced it.
    /// False when one has it already.
    /// </summary>
    private bool Reserve(long seq)
    {
        lock (_state.Gate)
        {
            if (_state.Held.Contains(seq) || _reserved.Contains(seq))
            {
                return true;
            }

            if (_state.Leased.Contains(seq))
            {
                return false;
            }

            _reserved.Add(seq);
            _state.Leased.Add(new SeqRange(seq, seq));
            _state.Busy.Add(new SeqRange(seq, seq));
            return true;
        }
    }

    private void FreeReserved()
    {
        foreach (var seq in _reserved)
        {
            _state.Release(_state.Epoch, new SeqRange(seq, seq));
        }

        _reserved.Clear();
    }

    /// <summary>Unmakes the events above a number, of which nobody has been told yet.</summary>
    private void TakeBack(long before)
    {
        var fresh = new SeqRange(before + 1, _totals.LastSeq);
        if (fresh.Count <= 0)
        {
            return;
        }

        lock (_state.Gate)
        {
            // One of them made room for another and is declared lost: a number that was told is never given again.
            if (_state.Gone.Within(fresh).Any())
            {
                DeclareLost(fresh, "store_full");
                DeleteEvents(fresh, int.MaxValue);
                return;
            }
        }

        var pending = _sql.Number($"SELECT sum({OwnBytes}) FROM events WHERE seq BETWEEN $1 AND $2", fresh.From, fresh.Through);
        DeleteEvents(fresh, int.MaxValue);
        _totals = _totals with { LastSeq = before, PendingBytes = _totals.PendingBytes - pending };
    }

    private long? Standing(string id) => _sql.Scalar("SELECT seq FROM events WHERE id = $1", id) as long?;

    private bool IsSame(long seq, StoredEvent stored)
    {
        using var row = _sql.Query("SELECT use_case, device, body, images FROM events WHERE seq = $1", seq);
        return row.Read()
            && Equals(row.IsDBNull(0) ? null : row.GetString(0), stored.UseCase)
            && Equals(row.IsDBNull(1) ? null : row.GetString(1), stored.Device)
            && row.GetFieldValue<byte[]>(2).AsSpan().SequenceEqual(stored.Body)
            && (row.IsDBNull(3) ? [] : row.GetFieldValue<byte[]>(3)).AsSpan().SequenceEqual(stored.Images ?? []);
    }

    private long? BytesOf(string hash) => _sql.Scalar("SELECT bytes FROM images WHERE hash = $1", hash) as long?;
}
