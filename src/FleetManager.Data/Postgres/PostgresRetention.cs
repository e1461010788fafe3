using FleetManager.Data.Rollups;
using Npgsql;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Enters the index of use case and time at the oldest event. Rows that a writer holds are passed over rather than waited for: the two take rows
/// in different orders, and waiting would end in a deadlock.
/// </summary>
internal sealed class PostgresRetention(NpgsqlDataSource database) : IEventRetention
{
    private const long Lock = 0x666C_6565_7400_0003;
    private const int BatchRows = 5000;

    private const string Delete =
        """
        WITH gone AS (
          SELECT key FROM events WHERE use_case_key = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4 FOR UPDATE SKIP LOCKED
        ), deleted AS (
          DELETE FROM events e USING gone WHERE e.key = gone.key RETURNING e.timestamp
        ), noted AS (
          INSERT INTO touched_hours (use_case_key, hour) SELECT DISTINCT $1, date_trunc('hour', timestamp, 'UTC') FROM deleted
        )
        SELECT count(*), max(timestamp) FROM deleted
        """;

    public async Task<RetentionBatch?> DeleteAsync(int useCaseKey, DateTimeOffset from, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await connection.TryLockAsync(Lock, cancellationToken))
        {
            return null;
        }

        var batches = await connection.ReadAsync(
            Command(Delete, Value(useCaseKey), Value(from), Value(before), Value(BatchRows)),
            r => new RetentionBatch((int)r.GetInt64(0), r.IsDBNull(1) ? before : r.GetFieldValue<DateTimeOffset>(1)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return batches[0];
    }
}
