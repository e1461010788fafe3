using FleetManager.Data.Rollups;
using Npgsql;

namespace FleetManager.Data.Postgres;

/// <summary>Short forms of what every statement here needs.</summary>
internal static class PostgresSql
{
    private const int LongSeconds = 600;

    public static NpgsqlParameter Array<T>(IEnumerable<T> values) => new NpgsqlParameter<T[]> { TypedValue = [.. values] };

    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A command with positional parameters.</summary>
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>All rows of one query.</summary>
    public static async Task<List<T>> ReadAsync<T>(
        this NpgsqlConnection connection,
        NpgsqlBatchCommand command,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Commands in one round trip. They may take long: a large day is counted in the background, and nobody waits for it.</summary>
    public static async Task ExecuteAsync(
        this NpgsqlConnection connection,
        IEnumerable<NpgsqlBatchCommand> commands,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = LongSeconds };
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Takes a lock that ends with the transaction; false when another session has it. The lock is asked for in a statement of its own: under
    /// READ COMMITTED the next one sees all that the last holder committed.
    /// </summary>
    public static async Task<bool> TryLockAsync(this NpgsqlConnection connection, long key, CancellationToken cancellationToken) =>
        (await connection.ReadAsync(Command("SELECT pg_try_advisory_xact_lock($1)", Value(key)), r => r.GetBoolean(0), cancellationToken))[0];

    /// <summary>Reads a use case and a time from the first columns.</summary>
    public static UseCaseTime UseCaseTime(NpgsqlDataReader reader) => new(reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1));
}
