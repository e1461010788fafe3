using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>Reads a damaged journal: as many rows as can be reached, and none that can not be believed.</summary>
internal static class SalvageReader
{
    private const int Slice = 1000;
    private const string Columns = "seq, id, use_case, device, body, images, bytes, received_at, checksum";

    // So many numbers in a row that can not be read are a damaged page high up, behind which hours of looking would find little.
    private const int PatientMisses = 4096;
    private const long MaxStep = 65_536;

    /// <summary>Rows of a small table from its start up to the first damage, and from its end back to it. Rows that read as null are left out.</summary>
    public static List<T> Rows<T>(Statements sql, string forward, string? backward, Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        if (!TryRead(sql, forward, read, rows) && backward is not null)
        {
            TryRead(sql, backward, read, rows);
        }

        return rows;
    }

    /// <summary>Every whole event up to a number, ascending.</summary>
    public static IEnumerable<NumberedEvent> Events(Statements sql, long last)
    {
        var (next, misses, step) = (1L, 0, 1L);
        while (next <= last)
        {
            var slice = new List<NumberedEvent>();
            var (seen, isWhole) = Read(sql, next, misses == 0 ? Slice : 1, slice);
            foreach (var stored in slice)
            {
                yield return stored;
            }

            if (isWhole && misses == 0)
            {
                if (seen is null)
                {
                    yield break;
                }

                next = seen.Value + 1;
            }
            else if (isWhole)
            {
                (next, misses, step) = (next + 1, 0, 1);
            }
            else
            {
                next = misses == 0 ? (seen ?? (next - 1)) + 1 : next + step;
                step = ++misses < PatientMisses ? 1 : Math.Min(2 * step, MaxStep);
            }
        }
    }

    // Behind damage one number is looked up at a time: only that tells whether the way to it is whole.
    private static (long? Seen, bool IsWhole) Read(Statements sql, long from, int limit, List<NumberedEvent> into)
    {
        long? seen = null;
        try
        {
            return Damage.Patiently(() =>
            {
                into.Clear();
                using var rows = limit == 1
                    ? sql.Query($"SELECT {Columns} FROM events WHERE seq = $1", from)
                    : sql.Query($"SELECT {Columns} FROM events WHERE seq >= $1 ORDER BY seq LIMIT $2", from, limit);
                while (rows.Read())
                {
                    seen = rows.GetInt64(0);
                    if (StoreReader.TryEvent(rows) is { } whole)
                    {
                        into.Add(whole);
                    }
                }

                return (seen, true);
            });
        }
        catch (SqliteException e) when (Damage.Is(e))
        {
            return (seen, false);
        }
    }

    private static bool TryRead<T>(Statements sql, string query, Func<SqliteDataReader, T> read, List<T> into)
    {
        var before = into.Count;
        try
        {
            return Damage.Patiently(() =>
            {
                into.RemoveRange(before, into.Count - before);
                using var rows = sql.Query(query);
                while (rows.Read())
                {
                    try
                    {
                        if (read(rows) is { } row)
                        {
                            into.Add(row);
                        }
                    }
                    catch (Exception e) when (Damage.IsOfRow(e))
                    {
                    }
                }

                return true;
            });
        }
        catch (SqliteException e) when (Damage.Is(e))
        {
            return false;
        }
    }
}
