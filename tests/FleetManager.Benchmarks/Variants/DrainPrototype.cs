using System.Buffers;
using System.Net.Http.Headers;
using Microsoft.Data.Sqlite;

namespace FleetManager.Benchmarks.Variants;

/// <summary>
/// The bare shape of a drain, which was measured beside Fluent Bit once: read 100 rows of a SQLite table, post them, move one row that says how
/// far it came; four requests in flight. It checks nothing, and forgets nothing that it could forget.
/// </summary>
internal static class DrainPrototype
{
    public const string Name = "drain-prototype";

    private const int Batch = 100;
    private const int InFlight = 4;

    public static async Task RunAsync(string table, Uri server, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={table};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        using var read = connection.CreateCommand();
        read.CommandText = "SELECT seq, body FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";
        var (after, limit) = (read.Parameters.Add("$1", SqliteType.Integer), read.Parameters.Add("$2", SqliteType.Integer));
        using var mark = connection.CreateCommand();
        mark.CommandText = "UPDATE mark SET seq = $1";
        var through = mark.Parameters.Add("$1", SqliteType.Integer);
        using var http = new HttpClient { BaseAddress = server };
        (var seq, limit.Value) = (0L, Batch);
        var flights = new Queue<Task<long>>();
        while (true)
        {
            while (flights.Count < InFlight && Read() is { } batch)
            {
                flights.Enqueue(PostAsync(http, batch.Body, batch.Last, cancellationToken));
            }

            if (!flights.TryDequeue(out var landed))
            {
                // Its CPU time can be read as long as it is there.
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            through.Value = await landed;
            mark.ExecuteNonQuery();
        }

        (byte[] Body, long Last)? Read()
        {
            after.Value = seq;
            using var rows = read.ExecuteReader();
            var body = new ArrayBufferWriter<byte>(128 * 1024);
            body.Write("{\"events\":["u8);
            var count = 0;
            while (rows.Read())
            {
                seq = rows.GetInt64(0);
                body.Write(count++ == 0 ? "{"u8 : ",{"u8);
                body.Write(rows.GetFieldValue<byte[]>(1));
            }

            body.Write("]}"u8);
            return count == 0 ? null : (body.WrittenSpan.ToArray(), seq);
        }
    }

    private static async Task<long> PostAsync(HttpClient http, byte[] body, long last, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(new Uri("/vision-events/batch?partial=true", UriKind.Relative), content, cancellationToken);
        await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        return last;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
