using FleetManager.Benchmarks.Load;
using FleetManager.Data.Setup;
using Microsoft.Data.Sqlite;

namespace FleetManager.Benchmarks.Events;

/// <summary>
/// The <c>events</c> table of a SQLite server: rows that the server has stored are written again past it, into a copy of its file, on a connection
/// that is set as the server's are.
/// </summary>
internal sealed class SqliteTable
{
    private readonly string _serverFile;
    private readonly string _copy;
    private readonly IReadOnlyList<string> _columns;
    private readonly IReadOnlyList<object?[]> _rows;
    private readonly IReadOnlyList<string> _filled;

    private SqliteTable(string serverFile, string copy, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, IReadOnlyList<string> filled) =>
        (_serverFile, _copy, _columns, _rows, _filled) = (serverFile, copy, columns, rows, filled);

    /// <summary>How durable a commit is, as the server has it.</summary>
    public string Synchronous
    {
        get
        {
            using var connection = Open(_copy);
            return Read(connection, "PRAGMA synchronous", r => r.GetInt32(0)).Single() switch { 0 => "OFF", 1 => "NORMAL", 2 => "FULL", _ => "EXTRA" };
        }
    }

    /// <summary>Learns the columns and rows from what the load makes the server store, and empties the tables again.</summary>
    public static async Task<SqliteTable> LearnAsync(string serverFile, string copy, BatchLoad load, CancellationToken cancellationToken)
    {
        using var connection = Open(serverFile);
        var filled = Read(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'", r => r.GetString(0))
            .Where(name => Read(connection, $"SELECT EXISTS (SELECT 1 FROM \"{name}\")", r => r.GetInt32(0)).Single() == 0)
            .ToList();
        Execute(connection, $"VACUUM INTO '{copy}'");
        await load.SendAllAsync(cancellationToken);
        var columns = Read(connection, "SELECT name FROM pragma_table_info('events') WHERE pk = 0 ORDER BY cid", r => r.GetString(0));
        var rows = Read(connection, $"SELECT {string.Join(", ", columns)} FROM events", Values);
        return new SqliteTable(serverFile, copy, columns, rows, filled);
    }

    /// <summary>Empties what events fill, in the server's file and in the copy.</summary>
    public void Empty()
    {
        foreach (var file in new[] { _serverFile, _copy })
        {
            using var connection = Open(file);
            Execute(connection, string.Concat(_filled.Select(t => $"DELETE FROM \"{t}\";")));
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /// <summary>Writes batches of 100, each in a transaction, on one connection, into the copy.</summary>
    public void Insert(Meter meter)
    {
        using var connection = Open(_copy);
        using var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO events ({string.Join(", ", _columns)}) VALUES ({string.Join(", ", _columns.Select((_, i) => $"${i}"))}) ON CONFLICT DO NOTHING";
        insert.Parameters.AddRange(_columns.Select((_, i) => new SqliteParameter($"${i}", DBNull.Value)));
        insert.Prepare();
        var next = 0;
        do
        {
            var started = TimeProvider.System.GetTimestamp();
            using var transaction = connection.BeginTransaction(deferred: false);
            insert.Transaction = transaction;
            for (var i = 0; i < EventBatch.Events; i++, next++)
            {
                Bind(insert, _rows[next % _rows.Count], TimeProvider.System.GetUtcNow());
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
            meter.Add(EventBatch.Events, TimeProvider.System.GetElapsedTime(started));
        }
        while (!meter.IsOver);
    }

    private void Bind(SqliteCommand insert, object?[] row, DateTimeOffset at)
    {
        for (var i = 0; i < row.Length; i++)
        {
            insert.Parameters[i].Value = _columns[i] switch
            {
                "event_id" => EventIds.Next(at).ToString(),
                "timestamp" => at.UtcTicks,
                _ => row[i] ?? DBNull.Value,
            };
        }
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Cache=Private;Pooling=false");
        connection.Open();
        Execute(connection, SqlitePragmas.Sql);
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<T> Read<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var all = new List<T>();
        while (reader.Read())
        {
            all.Add(read(reader));
        }

        return all;
    }

    private static object?[] Values(SqliteDataReader reader)
    {
        var values = new object?[reader.FieldCount];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        }

        return values;
    }
}
