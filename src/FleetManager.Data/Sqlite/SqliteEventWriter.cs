using FleetManager.Data.Events;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>Writes row by row with prepared statements, on one connection that stays open: SQLite has one writer.</summary>
internal sealed class SqliteEventWriter(SqliteWriteGate gate) : IEventWriter, IDisposable
{
    private SqliteSession? _session;

    public int Writers => 1;

    public async Task<IReadOnlyList<WriteResult>> WriteAsync(IReadOnlyList<EventRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var group = new EventGroup(rows);
        using var turn = await gate.EnterAsync(cancellationToken);
        try
        {
            _session ??= SqliteSession.Open(gate);
            _session.Write(group, rows[0].Event.ReceivedAt);
            return group.Results;
        }
        catch (SqliteException)
        {
            // What state a failed statement leaves a connection in is not worth knowing: the next group opens its own. Closing rolls back.
            _session?.Dispose();
            _session = null;
            throw;
        }
    }

    public void Dispose()
    {
        using var turn = gate.Enter();
        _session?.Dispose();
        _session = null;
    }

    /// <summary>An open connection and its statements.</summary>
    private sealed class SqliteSession : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteEventCommands _events;
        private readonly SqliteReceipts _receipts;

        private SqliteSession(SqliteConnection connection)
        {
            _connection = connection;
            _events = new SqliteEventCommands(connection);
            _receipts = new SqliteReceipts(connection);
        }

        public static SqliteSession Open(SqliteWriteGate gate)
        {
            var connection = gate.Open();
            try
            {
                return new SqliteSession(connection);
            }
            catch (SqliteException)
            {
                connection.Dispose();
                throw;
            }
        }

        public void Write(EventGroup group, DateTimeOffset now)
        {
            // Takes the write lock at once: a lock that is upgraded later can be refused without waiting.
            using var transaction = _connection.BeginTransaction(deferred: false);
            _events.Join(transaction);
            _receipts.Join(transaction);
            foreach (var entry in group.Rounds.SelectMany(r => r))
            {
                group.Set(entry, _events.Write(entry.Event));
            }

            _events.Note(group.Fields());
            foreach (var (store, numbers) in group.Receipts())
            {
                _receipts.Merge(store, numbers, now);
            }

            transaction.Commit();
        }

        public void Dispose()
        {
            _events.Dispose();
            _receipts.Dispose();
            _connection.Dispose();
        }
    }
}
