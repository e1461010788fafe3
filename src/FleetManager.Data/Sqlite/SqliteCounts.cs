using System.Text.Json;
using FleetManager.Data.Rollups;

namespace FleetManager.Data.Sqlite;

/// <summary>Reads counts.</summary>
internal sealed class SqliteCounts(SqliteWriteGate gate) : IEventCounts
{
    private const string IsAsked = "use_case_key IN (SELECT value FROM json_each($1))";
    private const string IsDay = "day IN (SELECT value FROM json_each($2))";

    public Task<IReadOnlyList<EventCount>> CountAsync(IReadOnlyList<int> useCaseKeys, CountRange range, CancellationToken cancellationToken)
    {
        var sql = RollupSql.Count(range.Unit == CountUnit.Total, IsAsked, SqliteHourRollup.CountWaiting);
        return Task.FromResult<IReadOnlyList<EventCount>>(gate.Read(t => t.Read(
            sql,
            r => new EventCount(r.GetInt32(0), r.IsDBNull(1) ? null : r.Time(1), r.GetString(2), r.GetInt64(3)),
            JsonSerializer.Serialize(useCaseKeys),
            range.From.UtcTicks,
            range.HoursFrom.UtcTicks,
            range.DaysFrom.UtcTicks,
            range.DaysTo.UtcTicks,
            range.HoursTo.UtcTicks,
            range.To.UtcTicks,
            CountRange.Floor(range.From, TimeSpan.FromHours(1)).UtcTicks)));
    }

    public Task<IReadOnlyList<FacetCount>> FacetsAsync(
        int useCaseKey,
        IReadOnlyList<DateTimeOffset> days,
        string? field,
        int top,
        CancellationToken cancellationToken)
    {
        object?[] values = [useCaseKey, JsonSerializer.Serialize(days.Select(d => d.UtcTicks)), top];
        object?[] ofField = field is null ? [] : [field];
        return Task.FromResult<IReadOnlyList<FacetCount>>(
            gate.Read(t => t.Read(RollupSql.TopFacets(IsDay, field is not null), SqliteSql.Facet, [.. values, .. ofField])));
    }
}
