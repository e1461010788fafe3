using System.Data;
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
        // What events fill is what was empty before the first: the table itself and what is counted from it.
        var filled = await EmptyTablesAsync(database, cancellationToken);
        await load.SendAllAsync(cancellationToken);
        var columns = await ReadAsync(
            database,
            """
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = '' ORDER BY attnum
            """,
            r => new Column(r.GetString(0), r.GetString(1)),
            cancellationToken);
        var rows = await ReadAsync(database, $"SELECT {string.Join(", ", columns.Select(c => c.Name))} FROM events", Values, cancellationToken);
        var table = new EventTable(database, columns, rows, filled);
        await table.EmptyAsync(cancellationToken);
        return table;
    }

    /// <summary>Empties what events fill, and gives every case the same start.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync($"TRUNCATE {string.Join(", ", _filled)} RESTART IDENTITY CASCADE", cancellationToken);
        await ExecuteAsync("CHECKPOINT", cancellationToken);
    }

    /// <summary>Copies until the meter is over or that many rows are in.</summary>
    public async Task CopyAsync(int connections, Meter meter, long limit, Func<DateTimeOffset> at, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, connections).Select(c => Task.Run(() => CopyAsync(meter, limit / connections, c, at, cancellationToken), cancellationToken)));
    }

    private async Task CopyAsync(Meter meter, long limit, int offset, Func<DateTimeOffset> at, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        for (var copied = 0L; copied < limit && !meter.IsOver;)
        {
            var started = TimeProvider.System.GetTimestamp();
            await using var import = await connection.BeginBinaryImportAsync($"COPY events ({ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken);
            var rows = 0;
            for (; rows < CopyRows && copied + rows < limit && !(rows % EventBatch.Events == 0 && meter.IsOver); rows++)
            {
                Write(import, _rows[(int)((offset + copied + rows) % _rows.Count)], at());
            }

            await import.CompleteAsync(cancellationToken);
            copied += rows;
            meter.Add(rows, TimeProvider.System.GetElapsedTime(started));
        }
    }

    private void Write(NpgsqlBinaryImporter import, object?[] row, DateTimeOffset at)
    {
        import.StartRow();
        for (var i = 0; i < row.Length; i++)
        {
            _columns[i].Write(import, _columns[i].Renew(row[i], at));
        }
    }

    private static object?[] Values(IDataRecord record)
    {
        var values = new object?[record.FieldCount];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = record.IsDBNull(i) ? null : record.GetValue(i);
        }

        return values;
    }

    private static async Task<IReadOnlyList<string>> EmptyTablesAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var tables = await ReadAsync(
            database,
            "SELECT quote_ident(tablename), (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', tablename), false, true, '')))[1]::text = '0' "
            + "FROM pg_tables WHERE schemaname = 'public'",
            r => (Name: r.GetString(0), IsEmpty: r.GetBoolean(1)),
            cancellationToken);
        return [.. tables.Where(t => t.IsEmpty).Select(t => t.Name)];
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlDataSource database, string sql, Func<IDataRecord, T> read, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var all = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            all.Add(read(reader));
        }

        return all;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
