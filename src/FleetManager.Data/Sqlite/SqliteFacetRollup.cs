using FleetManager.Data.Rollups;

namespace FleetManager.Data.Sqlite;

/// <summary>
/// Counts on a snapshot, beside the one writer, and then writes what differs in slices, so that ingest never waits for a whole day. The notes
/// go last: a stop between two slices leaves a day that is told as waiting, and is counted anew.
/// </summary>
internal sealed class SqliteFacetRollup(SqliteWriteGate gate) : IFacetRollup, IDisposable
{
    private const int SliceRows = 500;

    private const string IsOfDay = "e.use_case_key = $1 AND e.timestamp >= $2 AND e.timestamp < $3";

    private const string WriteFacet =
        """
        INSERT INTO event_facets (use_case_key, day, field, kind, value, events) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (use_case_key, day, field, kind, value) DO UPDATE SET events = excluded.events
        """;

    private const string RemoveFacet = "DELETE FROM event_facets WHERE use_case_key = $1 AND day = $2 AND field = $3 AND kind = $4 AND value = $5";

    private const string WriteDay =
        """
        INSERT INTO facet_days (use_case_key, day, counted_at) VALUES ($1, $2, $3)
        ON CONFLICT (use_case_key, day) DO UPDATE SET counted_at = excluded.counted_at
        """;

    private static readonly string s_values =
        $"""
        SELECT field, kind, value, count(*) AS events
        FROM (
          SELECT f.key AS field, 0 AS kind, f.value AS value FROM events e, json_each(json_object({string.Join(", ", Members())})) AS f
          WHERE {IsOfDay} AND f.type = 'text'
          UNION ALL
          SELECT '{FacetFields.Class}', 0, c.value FROM events e, json_each(e.classes) AS c WHERE {IsOfDay}
          UNION ALL
          SELECT '{FacetFields.Metadata}.' || m.key, CASE m.type WHEN 'text' THEN 0 ELSE {(int)FacetKind.Boolean} END,
            CASE m.type WHEN 'text' THEN m.value ELSE m.type END
          FROM events e, json_each(e.custom_metadata) AS m WHERE {IsOfDay} AND m.type IN ('text', 'true', 'false')
        ) AS found
        GROUP BY field, kind, value
        """;

    private readonly SemaphoreSlim _counting = new(1, 1);

    public Task<IReadOnlyList<UseCaseTime>> WaitingAsync(DateTimeOffset countedBefore, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<UseCaseTime>>(gate.Read(t => t.Read(RollupSql.WaitingDays, SqliteSql.UseCaseTime, countedBefore.UtcTicks, limit)));

    public async Task<bool> CountAsync(UseCaseTime day, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await _counting.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return false;
        }

        try
        {
            await CountAsync(day.UseCaseKey, day.Start.UtcTicks, now.UtcTicks, cancellationToken);
            return true;
        }
        finally
        {
            _counting.Release();
        }
    }

    public void Dispose() => _counting.Dispose();

    private async Task CountAsync(int useCaseKey, long day, long now, CancellationToken cancellationToken)
    {
        var (notes, before, counted) = gate.Read(t => (
            t.Read("SELECT key FROM touched_days WHERE use_case_key = $1 AND day = $2", r => r.GetInt64(0), useCaseKey, day),
            t.Read("SELECT field, kind, value, events FROM event_facets WHERE use_case_key = $1 AND day = $2", SqliteSql.Facet, useCaseKey, day),
            t.Read(RollupSql.Facets(s_values), SqliteSql.Facet, useCaseKey, day, day + TimeSpan.TicksPerDay)));

        object?[] Named(FacetCount f) => [useCaseKey, day, f.Field, (int)f.Kind, f.Value];
        var gone = before.ExceptBy(counted.Select(NameOf), NameOf).Select(Named);
        await WriteAsync(RemoveFacet, 5, gone, cancellationToken);
        await WriteAsync(WriteFacet, 6, counted.Except(before).Select(f => (object?[])[.. Named(f), f.Events]), cancellationToken);
        await gate.WriteAsync(
            t => t.Execute(WriteDay, useCaseKey, day, now) + t.Execute("DELETE FROM touched_days WHERE key = $1", 1, notes.Select(n => new object?[] { n })),
            cancellationToken);
    }

    private async Task WriteAsync(string sql, int parameters, IEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        foreach (var slice in rows.Chunk(SliceRows))
        {
            await gate.WriteAsync(t => t.Execute(sql, parameters, slice), cancellationToken);
        }
    }

    private static (string Field, FacetKind Kind, string Value) NameOf(FacetCount facet) => (facet.Field, facet.Kind, facet.Value);

    private static IEnumerable<string> Members() =>
        FacetFields.Columns.Select(c => $"'{c.Field}', e.{c.Column}").Concat(FacetFields.Members.Select(m => $"'{m}', json_extract(e.event_data, '$.{m}')"));
}
