using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using Npgsql;

namespace FleetManager.Benchmarks.Events;

/// <summary>
/// The server's own <c>events</c> table, for anchors: rows that the server has stored are written again, with new ids and times, past the server.
/// So an anchor fills the columns that the server fills, whatever they are.
/// </summary>
internal sealed class EventTable
{
    private const int CopyRows = 100_000;

    private readonly NpgsqlDataSource _database;
    private readonly IReadOnlyList<Column> _columns;
    private readonly IReadOnlyList<object?[]> _rows;
    private readonly IReadOnlyList<string> _filled;

    private EventTable(NpgsqlDataSource database, IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows, IReadOnlyList<string> filled) =>
        (_database, _columns, _rows, _filled) = (database, columns, rows, filled);

    private string ColumnNames => string.Join(", ", _columns.Select(c => c.Name));

    /// <summary>Learns the columns and rows from what the load makes the server store, and empties the tables again.</summary>
    public static async Task<EventTable> LearnAsync(NpgsqlDataSource database, BatchLoad load, CancellationToken cancellationToken)
    {
        // What events fill is what was empty before the first: the table itself and what is noted or counted with it.
        var tables = await database.ReadAsync("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'", r => r.GetString(0), cancellationToken);
        var hasRows = string.Join(" UNION ALL ", tables.Select(t => $"SELECT '{t}', EXISTS (SELECT FROM {t})"));
        var filled = await database.ReadAsync(hasRows, r => (Name: r.GetString(0), HasRows: r.GetBoolean(1)), cancellationToken);
        await load.SendAllAsync(cancellationToken);
        var columns = await database.ReadAsync(
            """
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = '' ORDER BY attnum
            """,
            r => new Column(r.GetString(0), r.GetString(1)),
            cancellationToken);
        var rows = await database.ReadAsync($"SELECT {string.Join(", ", columns.Select(c => c.Name))} FROM events", Values, cancellationToken);
        var table = new EventTable(database, columns, rows, [.. filled.Where(t => !t.HasRows).Select(t => t.Name)]);
        await table.EmptyAsync(cancellationToken);
        return table;
    }

    /// <summary>Empties what events fill, and gives every case the same start.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        // The server counts meanwhile; whoever of the two is told of a deadlock tries again.
        for (var truncated = false; !truncated;)
        {
            try
            {
                await _database.ExecuteAsync($"TRUNCATE {string.Join(", ", _filled)} RESTART IDENTITY", cancellationToken);
                truncated = true;
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.DeadlockDetected)
            {
            }
        }

        await _database.ExecuteAsync("CHECKPOINT", cancellationToken);
    }

    /// <summary>Copies until the meter is over or <paramref name="limit"/> rows are in; <paramref name="at"/> says when the n-th event happened.</summary>
    public Task CopyAsync(int connections, Meter meter, long limit, Func<long, DateTimeOffset> at, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, connections).Select(c => Task.Run(() => CopyAsync(meter, limit / connections, n => at((n * connections) + c), cancellationToken), cancellationToken)));

    /// <summary>Writes batches of 100 with one statement each, on one connection, as a server's writer would.</summary>
    public async Task UnnestAsync(Meter meter, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var next = 0;
        do
        {
            var at = TimeProvider.System.GetUtcNow();
            var rows = Enumerable.Range(next, EventBatch.Events).Select(n => Renewed(n, at)).ToList();
            var arrays = _columns.Select((c, i) => c.ArrayOf(rows.ConvertAll(r => r[i]))).ToList();
            var started = TimeProvider.System.GetTimestamp();
            await using var insert = new NpgsqlCommand { Connection = connection };
            insert.Parameters.AddRange(arrays.OfType<NpgsqlParameter>().ToArray());
            var used = _columns.Zip(arrays).Where(c => c.Second is not null).Select(c => c.First).ToList();
            insert.CommandText =
                $"""
                INSERT INTO events ({string.Join(", ", used.Select(c => c.Name))})
                SELECT * FROM unnest({string.Join(", ", used.Select((_, i) => $"${i + 1}"))}) ON CONFLICT DO NOTHING
                """;
            await insert.PrepareAsync(cancellationToken);
            await insert.ExecuteNonQueryAsync(cancellationToken);
            meter.Add(EventBatch.Events, TimeProvider.System.GetElapsedTime(started));
            next += EventBatch.Events;
        }
        while (!meter.IsOver);
    }

    private async Task CopyAsync(Meter meter, long limit, Func<long, DateTimeOffset> at, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var copied = 0L;
        do
        {
            var started = TimeProvider.System.GetTimestamp();
            await using var import = await connection.BeginBinaryImportAsync($"COPY events ({ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken);
            var rows = 0;
            do
            {
                Write(import, Renewed(copied + rows, at(copied + rows)));
                rows++;
            }
            while (rows < CopyRows && copied + rows < limit && !(rows % EventBatch.Events == 0 && meter.IsOver));

            await import.CompleteAsync(cancellationToken);
            copied += rows;
            meter.Add(rows, TimeProvider.System.GetElapsedTime(started));
        }
        while (copied < limit && !meter.IsOver);
    }

    private void Write(NpgsqlBinaryImporter import, object?[] row)
    {
        import.StartRow();
        for (var i = 0; i < row.Length; i++)
        {
            _columns[i].Write(import, row[i]);
        }
    }

    private object?[] Renewed(long number, DateTimeOffset at)
    {
        var learned = _rows[(int)(number % _rows.Count)];
        var row = new object?[learned.Length];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = _columns[i].Renew(learned[i], at);
        }

        return row;
    }

    private static object?[] Values(NpgsqlDataReader reader)
    {
        var values = new object?[reader.FieldCount];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        }

        return values;
    }
}
