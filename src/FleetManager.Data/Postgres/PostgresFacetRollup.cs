using FleetManager.Data.Rollups;
using Npgsql;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>Counts inside the database, in one transaction; the order of its statements is that of <see cref="PostgresHourRollup"/>.</summary>
internal sealed class PostgresFacetRollup(NpgsqlDataSource database) : IFacetRollup
{
    private const long Lock = 0x666C_6565_7400_0002;

    private static readonly string s_values =
        $"""
        SELECT f.field, f.kind, f.value, count(*) AS events
        FROM events e CROSS JOIN LATERAL (
          VALUES {string.Join(", ", FacetFields.Columns.Select(c => $"('{c.Field}', 0, e.{c.Column})"))},
            {string.Join(", ", FacetFields.Members.Select(m => $"('{m}', 0, CASE WHEN jsonb_typeof(e.event_data -> '{m}') = 'string' THEN e.event_data ->> '{m}' END)"))}
          UNION ALL
          SELECT '{FacetFields.Class}', 0, c FROM jsonb_array_elements_text(e.classes) AS c
          UNION ALL
          SELECT '{FacetFields.Metadata}.' || m.key, CASE jsonb_typeof(m.value) WHEN 'boolean' THEN {(int)FacetKind.Boolean} ELSE 0 END, m.value #>> '{"{}"}'
          FROM jsonb_each(e.custom_metadata) AS m WHERE jsonb_typeof(m.value) IN ('string', 'boolean')
        ) AS f (field, kind, value)
        WHERE e.use_case_key = $1 AND e.timestamp >= $2 AND e.timestamp < $2 + interval '24 hours' AND f.value IS NOT NULL
        GROUP BY f.field, f.kind, f.value
        """;

    private static readonly string s_writeFacets =
        $"""
        INSERT INTO event_facets (use_case_key, day, field, kind, value, events)
        SELECT $1, $2, counted.* FROM ({RollupSql.Facets(s_values)}) AS counted
        """;

    private const string WriteFacetDay =
        """
        INSERT INTO facet_days (use_case_key, day, counted_at) VALUES ($1, $2, $3)
        ON CONFLICT (use_case_key, day) DO UPDATE SET counted_at = excluded.counted_at
        """;

    public async Task<IReadOnlyList<UseCaseTime>> WaitingAsync(DateTimeOffset countedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ReadAsync(Command(RollupSql.WaitingDays, Value(countedBefore), Value(limit)), PostgresSql.UseCaseTime, cancellationToken);
    }

    public async Task<bool> CountAsync(UseCaseTime day, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await connection.TryLockAsync(Lock, cancellationToken))
        {
            return false;
        }

        await connection.ExecuteAsync(
            [
                For("DELETE FROM touched_days WHERE use_case_key = $1 AND day = $2", day),
                For("DELETE FROM event_facets WHERE use_case_key = $1 AND day = $2", day),
                For(s_writeFacets, day),
                Command(WriteFacetDay, Value(day.UseCaseKey), Value(day.Start), Value(now)),
            ],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static NpgsqlBatchCommand For(string sql, UseCaseTime time) => Command(sql, Value(time.UseCaseKey), Value(time.Start));
}
