using FleetManager.Data.Setup;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>
/// The one door of those who write much: SQLite has one writer, and who waits here waits in turn, where SQLite would have it look again and
/// again, ever more seldom.
/// </summary>
internal sealed class SqliteWriteGate(string connectionString) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Dispose what it returns to let the next one in.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Stay(_gate);
    }

    public IDisposable Enter()
    {
        _gate.Wait();
        return new Stay(_gate);
    }

    /// <summary>Runs <paramref name="write"/> in a transaction that has the write lock from its start, and commits it.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteTransaction, T> write, CancellationToken cancellationToken)
    {
        using var stay = await EnterAsync(cancellationToken);
        await using var connection = Open();
        await using var transaction = connection.BeginTransaction(deferred: false);
        var result = write(transaction);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>Runs <paramref name="read"/> on one snapshot, beside whoever writes.</summary>
    public T Read<T>(Func<SqliteTransaction, T> read)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        return read(transaction);
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = SqlitePragmas.Sql;
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _gate.Dispose();

    private sealed class Stay(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
