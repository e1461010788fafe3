namespace FleetManager.Data.Rollups;

/// <summary>
/// The statements over rollups that both databases understand; what they say in their own words is passed in. Each is one statement, and so
/// sees one snapshot.
/// </summary>
internal static class RollupSql
{
    /// <summary>
    /// Counts of a range: $1 use cases, $2 from, $3 first whole hour, $4 and $5 days, $6 end of the last whole hour, $7 to, $8 start of the hour
    /// that $2 lies in. Where an hour waits for its recount, what its rollup says is taken off and what is there now put on.
    /// </summary>
    /// <param name="total">Whether the range is one unit of time.</param>
    /// <param name="isAsked">Condition: <c>use_case_key</c> is one of $1.</param>
    /// <param name="countWaiting">Query that counts the events of <c>waiting (use_case_key, hour)</c> by use case, hour and type.</param>
    public static string Count(bool total, string isAsked, string countWaiting) =>
        $"""
        WITH waiting AS MATERIALIZED (
          SELECT DISTINCT use_case_key, hour FROM touched_hours WHERE {isAsked} AND hour >= $3 AND hour < $6
        )
        SELECT use_case_key, {(total ? "NULL" : "start")}, event_type, CAST(sum(events) AS bigint)
        FROM (
          SELECT use_case_key, day AS start, event_type, events FROM event_days WHERE {isAsked} AND day >= $4 AND day < $5
          UNION ALL
          SELECT use_case_key, hour, event_type, events FROM event_hours WHERE {isAsked} AND hour >= $3 AND hour < $4
          UNION ALL
          SELECT use_case_key, hour, event_type, events FROM event_hours WHERE {isAsked} AND hour >= $5 AND hour < $6
          UNION ALL
          SELECT h.use_case_key, h.hour, h.event_type, -h.events
          FROM waiting w JOIN event_hours h ON h.use_case_key = w.use_case_key AND h.hour = w.hour
          UNION ALL
          {countWaiting}
          UNION ALL
          SELECT use_case_key, $8, event_type, count(*) FROM events WHERE {isAsked} AND timestamp >= $2 AND timestamp < $3 GROUP BY use_case_key, event_type
          UNION ALL
          SELECT use_case_key, $6, event_type, count(*) FROM events WHERE {isAsked} AND timestamp >= $6 AND timestamp < $7 GROUP BY use_case_key, event_type
        ) AS pieces
        GROUP BY 1, 2, 3
        HAVING sum(events) <> 0
        """;

    /// <summary>What a day's facets are: rows of field, kind, value and events. Only so many keys and values are told apart.</summary>
    /// <param name="values">Query that counts the events of the day by field, kind and value.</param>
    public static string Facets(string values) =>
        $"""
        SELECT field, kind, value, CAST(sum(events) AS bigint)
        FROM (
          SELECT CASE WHEN key_place <= {FacetFields.MaxKeys} THEN field ELSE '{FacetFields.Metadata}' END AS field,
            CASE WHEN is_listed AND key_place <= {FacetFields.MaxKeys} THEN kind ELSE {(int)FacetKind.Other} END AS kind,
            CASE WHEN is_listed AND key_place <= {FacetFields.MaxKeys} THEN value ELSE '' END AS value,
            events
          FROM (
            SELECT field, kind, value, events, place <= {FacetFields.MaxValues} AND length(value) <= {FacetFields.MaxLength} AS is_listed,
              dense_rank() OVER (PARTITION BY field LIKE '{FacetFields.Metadata}.%' ORDER BY field_events DESC, field) AS key_place
            FROM (
              SELECT field, kind, value, events, sum(events) OVER (PARTITION BY field) AS field_events,
                row_number() OVER (PARTITION BY field ORDER BY length(value) > {FacetFields.MaxLength}, events DESC, kind, value) AS place
              FROM ({values}) AS grouped
            ) AS placed
          ) AS ranked
        ) AS listed
        GROUP BY 1, 2, 3
        """;

    /// <summary>Facets of days: $1 use case, $2 days, $3 values of a field that are told, and $4 the field, if one is asked.</summary>
    public static string TopFacets(string isDay, bool ofField) =>
        $"""
        SELECT field, kind, value, CAST(sum(events) AS bigint) AS events
        FROM (
          SELECT field, events,
            CASE WHEN place <= $3 THEN kind ELSE {(int)FacetKind.Other} END AS kind,
            CASE WHEN place <= $3 THEN value ELSE '' END AS value
          FROM (
            SELECT field, kind, value, sum(events) AS events,
              row_number() OVER (PARTITION BY field, kind = {(int)FacetKind.Other} ORDER BY sum(events) DESC, kind, value) AS place
            FROM event_facets
            WHERE use_case_key = $1 AND {isDay}{(ofField ? " AND field = $4" : "")}
            GROUP BY field, kind, value
          ) AS ranked
        ) AS told
        GROUP BY field, kind, value
        ORDER BY field, kind = {(int)FacetKind.Other}, events DESC, value
        """;

    public const string WaitingHours = "SELECT use_case_key, hour FROM touched_hours GROUP BY use_case_key, hour ORDER BY min(key) LIMIT $1";

    public const string WaitingDays =
        """
        SELECT t.use_case_key, t.day FROM touched_days t LEFT JOIN facet_days f ON f.use_case_key = t.use_case_key AND f.day = t.day
        WHERE f.counted_at IS NULL OR f.counted_at < $1
        GROUP BY t.use_case_key, t.day ORDER BY min(t.key) LIMIT $2
        """;
}
