using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>What people and producers ask for beyond a new event. Whatever goes before the server held it is a declared loss.</summary>
internal sealed partial class StoreTransaction
{
    private const string ByOperator = "operator";
    private const string OwnBytes = "length(body) + coalesce(length(images), 0)";

    /// <summary>Deletes an event or a draft. A draft was never an event, so nothing is lost with it.</summary>
    public DeleteResult Delete(string id)
    {
        if (_sql.Scalar("SELECT seq FROM events WHERE id = $1", id) is not long seq)
        {
            return DeleteDraft(id) ? DeleteResult.Deleted : DeleteResult.Unknown;
        }

        lock (_state.Gate)
        {
            // It may be on the server already; until that is known it can not be called lost. Under one lock, for a sender may come between.
            if (_state.Leased.Contains(seq) && !_state.Held.Contains(seq))
            {
                return DeleteResult.Busy;
            }

            var held = _state.Held.Contains(seq);
            Discard(new SeqRange(seq, seq));
            return held ? DeleteResult.Deleted : DeleteResult.Lost;
        }
    }

    /// <summary>Deletes a slice of the parked events of one code, or of all; returns how many.</summary>
    public int DiscardParked(string? code)
    {
        var slice = new List<SeqRange>();
        using (var rows = _sql.Query("SELECT seq FROM parked WHERE $1 IS NULL OR code = $1 ORDER BY seq LIMIT $2", code, Slice))
        {
            while (rows.Read())
            {
                slice.Add(new SeqRange(rows.GetInt64(0), rows.GetInt64(0)));
            }
        }

        foreach (var run in new SeqSet(slice).Ranges)
        {
            Discard(run);
        }

        return slice.Count;
    }

    /// <summary>Deletes a parked event; false when none has that id.</summary>
    public bool DiscardParkedOne(string id)
    {
        if (ParkedSeq(id) is not { } seq)
        {
            return false;
        }

        Discard(new SeqRange(seq, seq));
        return true;
    }

    /// <summary>Makes a parked event pending again; false when none has that id.</summary>
    public bool UnparkOne(string id)
    {
        if (ParkedSeq(id) is not { } seq)
        {
            return false;
        }

        Reopen(seq);
        return true;
    }

    /// <summary>Adds images to a draft.</summary>
    public AttachResult Attach(string id, byte[] images, IReadOnlyList<NewImage> pictures, int count, int maxImages, StorePolicy policy)
    {
        byte[]? before;
        using (var row = _sql.Query("SELECT images FROM drafts WHERE id = $1", id))
        {
            if (!row.Read())
            {
                row.Dispose();
                return _sql.Scalar("SELECT 1 FROM events WHERE id = $1", id) is null ? AttachResult.Unknown : AttachResult.Finalized;
            }

            before = row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0);
        }

        if (StoredImages.Count(before) + count > maxImages)
        {
            return AttachResult.TooMany;
        }

        var pictureBytes = pictures.Sum(p => (long)p.Content.Length);
        if (!MakeRoom(images.Length + pictureBytes, pictures.Count, policy))
        {
            return AttachResult.Full;
        }

        foreach (var picture in pictures)
        {
            AddReference(picture);
        }

        var all = StoredImages.Join(before, images);
        _sql.Execute("UPDATE drafts SET images = $2, bytes = bytes + $3 WHERE id = $1", id, all, all.Length - (before?.Length ?? 0) + pictureBytes);
        _totals = _totals with { Bytes = _totals.Bytes + all.Length - (before?.Length ?? 0) };
        return AttachResult.Attached;
    }

    private void Discard(SeqRange range)
    {
        DeclareLost(range, ByOperator);
        DeleteEvents(range, int.MaxValue);
    }

    private bool DeleteDraft(string id)
    {
        long bytes;
        byte[]? images;
        using (var row = _sql.Query($"DELETE FROM drafts WHERE id = $1 RETURNING {OwnBytes}, images", id))
        {
            if (!row.Read())
            {
                return false;
            }

            (bytes, images) = (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1));
        }

        _totals = _totals with { Drafts = _totals.Drafts - 1, Bytes = _totals.Bytes - bytes };
        foreach (var hash in StoredImages.Hashes(images))
        {
            DropReference(hash);
        }

        return true;
    }

    private long? ParkedSeq(string id) => _sql.Scalar("SELECT seq FROM parked JOIN events USING (seq) WHERE id = $1", id) as long?;

    /// <summary>Makes one parked event pending.</summary>
    private void Reopen(long seq)
    {
        var one = new SeqRange(seq, seq);
        var bytes = _sql.Number($"SELECT {OwnBytes} FROM events WHERE seq = $1", seq);
        lock (_state.Gate)
        {
            DropParked(one);
            _totals = _totals with { PendingBytes = _totals.PendingBytes + bytes };
            _state.Done.Remove(one);
            _state.Busy.Remove(one);
        }
    }
}

/// <summary>What became of an event that was to be deleted.</summary>
internal enum DeleteResult
{
    /// <summary>There is none of that id.</summary>
    Unknown,

    /// <summary>It is being sent right now, so nobody can say whether the server has it.</summary>
    Busy,

    /// <summary>Gone from this device; the server has it, or it was a draft.</summary>
    Deleted,

    /// <summary>Gone before the server had it: declared lost.</summary>
    Lost,
}

/// <summary>What became of images for a draft.</summary>
internal enum AttachResult
{
    /// <summary>On disk.</summary>
    Attached,

    /// <summary>There is no draft of that id.</summary>
    Unknown,

    /// <summary>It is an event already.</summary>
    Finalized,

    /// <summary>An event may not have so many.</summary>
    TooMany,

    /// <summary>Refused for want of room.</summary>
    Full,
}
