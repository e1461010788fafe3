using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>Reads the small tables of a journal, and believes no row whose checksum does not pass: one that is damaged throws.</summary>
internal static class JournalRows
{
    public static (Guid Epoch, StoreTotals Totals) Store(Statements sql)
    {
        using var row = sql.Query("SELECT epoch, last_seq, records, drafts, images, bytes, pending_bytes, unsent_bytes, checksum FROM store");
        try
        {
            if (row.Read() && Guid.TryParse(row.GetString(0), out var epoch))
            {
                var totals = new StoreTotals(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));
                return RowSum.Passes(row.GetValue(8), SumOf(epoch, totals)) ? (epoch, totals) : throw Damaged("store");
            }
        }
        catch (Exception e) when (Damage.IsOfRow(e))
        {
        }

        throw Damaged("store");
    }

    public static bool IsOf(Statements sql, Guid epoch) => sql.Scalar("SELECT epoch FROM store") is string text && text == epoch.ToString();

    /// <summary>Adds what was accepted since the sums were written: at most a few thousand events, without images.</summary>
    public static StoreTotals WithTail(Statements sql, StoreTotals noted)
    {
        using var row = sql.Query("SELECT count(*), coalesce(sum(length(body) + coalesce(length(images), 0)), 0), max(seq) FROM events WHERE seq > $1", noted.LastSeq);
        row.Read();
        var (count, bytes) = (row.GetInt64(0), row.GetInt64(1));
        return count == 0 ? noted : noted with
        {
            LastSeq = row.GetInt64(2),
            Records = noted.Records + count,
            Bytes = noted.Bytes + bytes,
            PendingBytes = noted.PendingBytes + bytes,
        };
    }

    public static long SumOf(Guid epoch, StoreTotals t) =>
        RowSum.Of(epoch, t.LastSeq, t.Records, t.Drafts, t.Images, t.Bytes, t.PendingBytes, t.UnsentBytes);

    public static List<SeqRange> Held(Statements sql)
    {
        var held = new List<SeqRange>();
        using var rows = sql.Query("SELECT first, last, checksum FROM held ORDER BY first");
        while (rows.Read())
        {
            var range = new SeqRange(rows.GetInt64(0), rows.GetInt64(1));
            held.Add(RowSum.Passes(rows.GetValue(2), RowSum.Of(range.From, range.Through)) && IsRange(range) ? range : throw Damaged("held"));
        }

        return held;
    }

    public static List<DeclaredLoss> Losses(Statements sql)
    {
        var losses = new List<DeclaredLoss>();
        using var rows = sql.Query("SELECT first, last, reason, at, checksum FROM losses ORDER BY first");
        while (rows.Read())
        {
            var loss = new DeclaredLoss(rows.GetInt64(0), rows.GetInt64(1), rows.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3)));
            losses.Add(RowSum.Passes(rows.GetValue(4), RowSum.Of(loss.From, loss.Through, loss.Reason)) && IsRange(new SeqRange(loss.From, loss.Through)) ? loss : throw Damaged("losses"));
        }

        return losses;
    }

    public static List<SeqRange> Parked(Statements sql)
    {
        var parked = new List<SeqRange>();
        using var rows = sql.Query("SELECT seq, seq FROM parked ORDER BY seq");
        while (rows.Read())
        {
            parked.Add(new SeqRange(rows.GetInt64(0), rows.GetInt64(1)));
        }

        return parked;
    }

    private static bool IsRange(SeqRange range) => range.From >= 1 && range.From <= range.Through;

    private static InvalidDataException Damaged(string table) => new($"a row of the table {table} of the event store is damaged");
}
