using FleetManager.Contracts.Agents;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

internal sealed partial class StoreTransaction
{
    /// <summary>Stores an event, or a draft, if there is room.</summary>
    public AcceptResult Accept(NewEvent arrival, StorePolicy policy)
    {
        var stored = arrival.Event;
        var imageBytes = arrival.Images.Sum(i => (long)i.Content.Length);
        if (!MakeRoom(stored.OwnBytes + imageBytes, arrival.Images.Count, policy))
        {
            // The caller may have put the files there already.
            _unreferenced.UnionWith(arrival.Images.Select(i => i.Hash).Where(h => !IsReferenced(h)));
            return AcceptResult.Full;
        }

        foreach (var image in arrival.Images)
        {
            AddReference(image);
        }

        var bytes = stored.OwnBytes + imageBytes;
        _totals = _totals with { Bytes = _totals.Bytes + stored.OwnBytes };
        if (arrival.Draft)
        {
            _sql.Execute(
                "INSERT INTO drafts (id, received_at, use_case, device, body, images, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                stored.Id, Now(), stored.UseCase, stored.Device, stored.Body, stored.Images, bytes);
            _totals = _totals with { Drafts = _totals.Drafts + 1 };
        }
        else
        {
            Number(stored.OwnBytes);
            Insert(_totals.LastSeq, stored, Now(), bytes);
            if (arrival.Images.Count == 0)
            {
                _plain = (_plain.Count + 1, _plain.Bytes + stored.OwnBytes);
            }
        }

        return AcceptResult.Accepted;
    }

    /// <summary>Turns a draft into an event; true also when it is one already, so that a repeated request is harmless.</summary>
    public bool Finalize(string id)
    {
        using (var row = _sql.Query("SELECT received_at, bytes, use_case, device, body, images FROM drafts WHERE id = $1", id))
        {
            if (!row.Read())
            {
                row.Dispose();
                return _sql.Scalar("SELECT 1 FROM events WHERE id = $1", id) is not null;
            }

            var (at, bytes) = (row.GetInt64(0), row.GetInt64(1));
            var draft = new StoredEvent(
                id,
                row.IsDBNull(2) ? null : row.GetString(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetFieldValue<byte[]>(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5));
            row.Dispose();
            Number(draft.OwnBytes);
            Insert(_totals.LastSeq, draft, at, bytes);
        }

        _sql.Execute("DELETE FROM drafts WHERE id = $1", id);
        _totals = _totals with { Drafts = _totals.Drafts - 1 };
        return true;
    }

    /// <summary>Remembers under which id the server keeps an image, so that it is uploaded once.</summary>
    public int RememberSource(string hash, string sourceId)
    {
        if (_sql.Scalar("SELECT bytes FROM images WHERE hash = $1 AND source_id IS NULL", hash) is not long bytes)
        {
            return 0;
        }

        _totals = _totals with { UnsentBytes = _totals.UnsentBytes - bytes };
        return _sql.Execute("UPDATE images SET source_id = $2 WHERE hash = $1", hash, sourceId);
    }

    /// <summary>The server may have lost any image, so each that is sent from now on is uploaded again.</summary>
    public void ForgetSources()
    {
        _sql.Execute("UPDATE images SET source_id = NULL WHERE source_id IS NOT NULL");
        _totals = _totals with { UnsentBytes = _sql.Number("SELECT sum(bytes) FROM images") };
    }

    /// <summary>Deletes files of one image folder that no row refers to and that were there before <paramref name="before"/>.</summary>
    public int SweepImages(int folder, DateTimeOffset before)
    {
        var orphans = _files.OlderThan(folder, before).Where(h => !IsReferenced(h)).ToList();
        _unreferenced.UnionWith(orphans);
        return orphans.Count;
    }

    private bool IsReferenced(string hash) => _sql.Scalar("SELECT 1 FROM images WHERE hash = $1", hash) is not null;

    private void Number(long ownBytes)
    {
        _totals = _totals with { LastSeq = _totals.LastSeq + 1, Records = _totals.Records + 1, PendingBytes = _totals.PendingBytes + ownBytes };
        MarkAge();
    }

    private void Insert(long seq, StoredEvent stored, long receivedAt, long bytes) => _sql.Execute(
        "INSERT INTO events (seq, id, received_at, use_case, device, body, images, bytes, checksum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        seq, stored.Id, receivedAt, stored.UseCase, stored.Device, stored.Body, stored.Images, bytes, RowSum.Of(seq, receivedAt, stored));

    private void AddReference(NewImage image)
    {
        var references = _sql.Number(
            "INSERT INTO images (hash, bytes, refs) VALUES ($1, $2, 1) ON CONFLICT (hash) DO UPDATE SET refs = refs + 1 RETURNING refs",
            image.Hash, image.Content.Length);
        if (references == 1)
        {
            _totals = _totals with { Images = _totals.Images + 1, Bytes = _totals.Bytes + image.Content.Length, UnsentBytes = _totals.UnsentBytes + image.Content.Length };
            _arrived.Add(image.Hash);
        }

        // The caller has put the file there; it is gone again if another event was the last to use it in the meantime.
        _unreferenced.Remove(image.Hash);
        _files.Put(image);
    }

    /// <summary>Deletes the first rows of a span; returns the numbers between which they were, null when there were none.</summary>
    private SeqRange? DeleteEvents(SeqRange span, int limit)
    {
        var (first, last, count, bytes) = (0L, 0L, 0, 0L);
        var images = new List<byte[]>();
        using (var rows = _sql.Query(
            "SELECT seq, length(body) + coalesce(length(images), 0), images FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq LIMIT $3",
            span.From, span.Through, limit))
        {
            while (rows.Read())
            {
                first = count++ == 0 ? rows.GetInt64(0) : first;
                last = rows.GetInt64(0);
                bytes += rows.GetInt64(1);
                if (!rows.IsDBNull(2))
                {
                    images.Add(rows.GetFieldValue<byte[]>(2));
                }
            }
        }

        if (count == 0)
        {
            return null;
        }

        _sql.Execute("DELETE FROM events WHERE seq BETWEEN $1 AND $2", first, last);
        _totals = _totals with { Records = _totals.Records - count, Bytes = _totals.Bytes - bytes };
        foreach (var hash in images.SelectMany(StoredImages.Hashes))
        {
            DropReference(hash);
        }

        return new SeqRange(first, last);
    }

    private void DropReference(string hash)
    {
        using SqliteDataReader row = _sql.Query("UPDATE images SET refs = refs - 1 WHERE hash = $1 RETURNING refs, bytes, source_id IS NULL", hash);
        if (row.Read() && row.GetInt64(0) <= 0)
        {
            var bytes = row.GetInt64(1);
            _totals = _totals with { Images = _totals.Images - 1, Bytes = _totals.Bytes - bytes, UnsentBytes = _totals.UnsentBytes - (row.GetBoolean(2) ? bytes : 0) };
            row.Dispose();
            _sql.Execute("DELETE FROM images WHERE hash = $1", hash);
            _arrived.Remove(hash);
            _unreferenced.Add(hash);
        }
    }
}
