using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>Reads the journal beside the writer: each call sees the last commit.</summary>
internal sealed partial class StoreReader(JournalFile journal) : IDisposable
{
    private const string Columns = "seq, id, use_case, device, body, images, bytes, received_at, checksum";

    /// <summary>Events of a span, until there are enough or they are too large together; at least one if there is any.</summary>
    /// <param name="epoch">Of which the numbers are; <see cref="InvalidDataException"/> when the journal is of another one by now.</param>
    /// <param name="span">Their numbers.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="maxBytes">How large together.</param>
    /// <param name="order">Which come first.</param>
    public List<NumberedEvent> Read(Guid epoch, SeqRange span, int limit, long maxBytes, BackupOrder order)
    {
        using var sql = Open();
        return JournalRows.IsOf(sql, epoch) ? Read(sql, span, limit, maxBytes, order) : throw new InvalidDataException("the event store has another epoch than it had");
    }

    public List<NumberedEvent> Latest(int limit)
    {
        using var sql = Open();
        return Read(sql, new SeqRange(0, long.MaxValue), limit, long.MaxValue, BackupOrder.NewestFirst);
    }

    private static List<NumberedEvent> Read(Statements sql, SeqRange span, int limit, long maxBytes, BackupOrder order)
    {
        using var rows = order == BackupOrder.OldestFirst
            ? sql.Query($"SELECT {Columns} FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq LIMIT $3", span.From, span.Through, limit)
            : sql.Query($"SELECT {Columns} FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq DESC LIMIT $3", span.From, span.Through, limit);
        var (events, bytes) = (new List<NumberedEvent>(), 0L);
        while (bytes < maxBytes && rows.Read())
        {
            // A damaged row is as good as none: whoever misses its number declares it lost.
            if (TryEvent(rows) is { } whole)
            {
                events.Add(whole);
                bytes += whole.Bytes;
            }
        }

        return events;
    }

    /// <summary>Lowest number in the store, and when it was accepted; null when the store is empty.</summary>
    public long? FirstSeq()
    {
        using var sql = Open();
        return sql.Scalar("SELECT min(seq) FROM events") as long?;
    }

    public DateTimeOffset? ReceivedAt(long seq)
    {
        using var sql = Open();
        return sql.Scalar("SELECT received_at FROM events WHERE seq = $1", seq) is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <summary>The id under which the server keeps an image; null while it has not got it.</summary>
    public string? SourceOf(string hash)
    {
        using var sql = Open();
        return sql.Scalar("SELECT source_id FROM images WHERE hash = $1", hash) as string;
    }

    public List<DeclaredLoss> UnreportedLosses(int limit)
    {
        using var sql = Open();
        using var rows = sql.Query("SELECT first, last, reason, at FROM losses WHERE reported = 0 ORDER BY first LIMIT $1", limit);
        var losses = new List<DeclaredLoss>();
        while (rows.Read())
        {
            losses.Add(new DeclaredLoss(rows.GetInt64(0), rows.GetInt64(1), rows.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3))));
        }

        return losses;
    }

    /// <summary>What a former epoch of this device has lost and the server does not know yet; null when there is nothing to tell.</summary>
    public LossReport? UnreportedFormerLosses(int limit)
    {
        using var sql = Open();
        using var rows = sql.Query(
            "SELECT epoch, first, last, reason, at FROM former_losses WHERE reported = 0 AND epoch = (SELECT min(epoch) FROM former_losses WHERE reported = 0) ORDER BY first LIMIT $1", limit);
        var (epoch, losses) = (Guid.Empty, new List<DeclaredLoss>());
        while (rows.Read())
        {
            epoch = Guid.Parse(rows.GetString(0));
            losses.Add(new DeclaredLoss(rows.GetInt64(1), rows.GetInt64(2), rows.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(4))));
        }

        return losses.Count == 0 ? null : new LossReport(epoch, losses);
    }

    public void Dispose() => journal.ClearPool();

    /// <summary>The event of a row of seq, id, use_case, device, body, images, bytes, received_at, checksum; null when the row is damaged.</summary>
    public static NumberedEvent? TryEvent(SqliteDataReader row)
    {
        try
        {
            var (read, receivedAt) = (Event(row), row.GetInt64(7));
            return RowSum.Passes(row.GetValue(8), RowSum.Of(read.Seq, receivedAt, read.Event)) ? read : null;
        }
        catch (Exception e) when (Damage.IsOfRow(e))
        {
            return null;
        }
    }

    private Statements Open() => journal.OpenReader();

    private static NumberedEvent Event(SqliteDataReader row) => new(
        row.GetInt64(0),
        new StoredEvent(
            row.GetString(1),
            row.IsDBNull(2) ? null : row.GetString(2),
            row.IsDBNull(3) ? null : row.GetString(3),
            row.GetFieldValue<byte[]>(4),
            row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)),
        row.GetInt64(6),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)));
}
