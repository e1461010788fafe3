using FleetManager.Benchmarks.Load;
using Microsoft.Data.Sqlite;

namespace FleetManager.Benchmarks.Events;

/// <summary>What SQLite takes without an agent in front of it: a table as small as one can be, and every commit flushed.</summary>
internal sealed class BareJournal : IDisposable
{
    /// <summary>Events of a commit.</summary>
    public const int Group = 10;

    private const int Different = 256;
    private readonly SqliteConnection _connection;
    private readonly byte[][] _bodies;

    public BareJournal(string file)
    {
        var random = new Random(1);
        _bodies = [.. Enumerable.Range(0, Different).Select(_ => System.Text.Encoding.UTF8.GetBytes(LocalEvents.Create(random, image: null)))];
        _connection = new SqliteConnection($"Data Source={file};Pooling=false");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    }

    /// <summary>Writes into an empty table, on one connection.</summary>
    public Sample Run(TimeSpan window)
    {
        Execute("DROP TABLE IF EXISTS events; CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL, body BLOB NOT NULL); PRAGMA wal_checkpoint(TRUNCATE)");
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO events (id, received_at, body) VALUES ($0, $1, $2)";
        insert.Parameters.AddRange(Enumerable.Range(0, 3).Select(i => new SqliteParameter($"${i}", DBNull.Value)));
        insert.Prepare();
        var (meter, next) = (Meter.Start(window), 0);
        do
        {
            var started = TimeProvider.System.GetTimestamp();
            using var transaction = _connection.BeginTransaction(deferred: false);
            insert.Transaction = transaction;
            for (var i = 0; i < Group; i++)
            {
                var now = TimeProvider.System.GetUtcNow();
                insert.Parameters[0].Value = EventIds.Next(now).ToString();
                insert.Parameters[1].Value = now.ToUnixTimeMilliseconds();
                insert.Parameters[2].Value = _bodies[next++ % Different];
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
            meter.Add(Group, TimeProvider.System.GetElapsedTime(started));
        }
        while (!meter.IsOver);
        return meter.Stop();
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
