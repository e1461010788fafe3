using FleetManager.Data.Setup;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>Connections of those who write much, one after the other, and of those who read much beside them.</summary>
internal sealed class SqliteWriteGate(string connectionString, WriteGate gate)
{
    /// <inheritdoc cref="WriteGate.EnterAsync"/>
    public ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken) => gate.EnterAsync(cancellationToken);

    /// <inheritdoc cref="WriteGate.Enter"/>
    public IDisposable Enter() => gate.Enter();

    /// <summary>Runs <paramref name="write"/> in a transaction that has the write lock from its start, and commits it.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteTransaction, T> write, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
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
}
