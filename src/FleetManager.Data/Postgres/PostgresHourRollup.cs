using FleetManager.Data.Rollups;
using Npgsql;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Counts inside the database. Notes are removed first and the count's own statement takes a later snapshot, so it sees at least every event whose
/// note is gone; a note that comes meanwhile stays. One server counts at a time. Nobody who writes events waits for it.
/// </summary>
internal sealed class PostgresHourRollup(NpgsqlDataSource database) : IHourRollup
{
    private const long Lock = 0x666C_6565_7400_0001;

    /// <summary>Counts the events of <c>waiting (use_case_key, hour)</c>, entering the index once for each.</summary>
    public const string CountWaiting =
        """
        SELECT w.use_case_key, w.hour, counted.event_type, counted.events
        FROM waiting w CROSS JOIN LATERAL (
          SELECT e.event_type, count(*) AS events FROM events e
          WHERE e.use_case_key = w.use_case_key AND e.timestamp >= w.hour AND e.timestamp < w.hour + interval '1 hour'
          GROUP BY e.event_type
        ) AS counted
        """;

    private const string TakeHours =
        """
        WITH taken AS (
          DELETE FROM touched_hours t USING unnest($1, $2) AS asked (use_case_key, hour)
          WHERE t.use_case_key = asked.use_case_key AND t.hour = asked.hour
          RETURNING t.use_case_key, t.hour
        )
        SELECT DISTINCT use_case_key, hour FROM taken
        """;

    private const string ClearHours =
        """
        DELETE FROM event_hours h USING unnest($1, $2) AS waiting (use_case_key, hour)
        WHERE h.use_case_key = waiting.use_case_key AND h.hour = waiting.hour
        """;

    private const string WriteHours =
        $"""
        WITH waiting AS (SELECT * FROM unnest($1, $2) AS w (use_case_key, hour))
        INSERT INTO event_hours (use_case_key, hour, event_type, events) {CountWaiting}
        """;

    private const string ClearDays =
        """
        DELETE FROM event_days d USING unnest($1, $2) AS asked (use_case_key, day)
        WHERE d.use_case_key = asked.use_case_key AND d.day = asked.day
        """;

    private const string WriteDays =
        """
        INSERT INTO event_days (use_case_key, day, event_type, events)
        SELECT asked.use_case_key, asked.day, h.event_type, sum(h.events)
        FROM unnest($1, $2) AS asked (use_case_key, day)
        JOIN event_hours h ON h.use_case_key = asked.use_case_key AND h.hour >= asked.day AND h.hour < asked.day + interval '24 hours'
        GROUP BY asked.use_case_key, asked.day, h.event_type
        """;

    private const string NoteDays = "INSERT INTO touched_days (use_case_key, day) SELECT * FROM unnest($1, $2)";

    public async Task<IReadOnlyList<UseCaseTime>> WaitingAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ReadAsync(Command(RollupSql.WaitingHours, Value(limit)), PostgresSql.UseCaseTime, cancellationToken);
    }

    public async Task<bool> CountAsync(IReadOnlyList<UseCaseTime> hours, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await connection.TryLockAsync(Lock, cancellationToken))
        {
            return false;
        }

        var taken = await connection.ReadAsync(Of(TakeHours, hours), PostgresSql.UseCaseTime, cancellationToken);
        var days = taken.Select(h => h.Day).Distinct().ToList();
        await connection.ExecuteAsync(
            [Of(ClearHours, taken), Of(WriteHours, taken), Of(ClearDays, days), Of(WriteDays, days), Of(NoteDays, days)],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static NpgsqlBatchCommand Of(string sql, IReadOnlyList<UseCaseTime> times) =>
        Command(sql, Array(times.Select(t => t.UseCaseKey)), Array(times.Select(t => t.Start)));
}
