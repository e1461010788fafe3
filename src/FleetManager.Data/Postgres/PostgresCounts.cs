using FleetManager.Data.Rollups;
using Npgsql;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>Reads counts.</summary>
internal sealed class PostgresCounts(NpgsqlDataSource database) : IEventCounts
{
    private const string IsAsked = "use_case_key = ANY($1)";
    private const string IsDay = "day = ANY($2)";

    public async Task<IReadOnlyList<EventCount>> CountAsync(IReadOnlyList<int> useCaseKeys, CountRange range, CancellationToken cancellationToken)
    {
        var sql = RollupSql.Count(range.Unit == CountUnit.Total, IsAsked, PostgresHourRollup.CountWaiting);
        DateTimeOffset[] times =
        [
            range.From, range.HoursFrom, range.DaysFrom, range.DaysTo, range.HoursTo, range.To, CountRange.Floor(range.From, TimeSpan.FromHours(1)),
        ];
        var command = Command(sql, [Array(useCaseKeys), .. times.Select(Value)]);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ReadAsync(
            command,
            r => new EventCount(r.GetInt32(0), r.IsDBNull(1) ? null : r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), r.GetInt64(3)),
            cancellationToken);
    }

    public async Task<IReadOnlyList<FacetCount>> FacetsAsync(
        int useCaseKey,
        IReadOnlyList<DateTimeOffset> days,
        string? field,
        int top,
        CancellationToken cancellationToken)
    {
        NpgsqlParameter[] ofField = field is null ? [] : [Value(field)];
        var command = Command(RollupSql.TopFacets(IsDay, field is not null), [Value(useCaseKey), Array(days), Value(top), .. ofField]);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ReadAsync(
            command, r => new FacetCount(r.GetString(0), (FacetKind)r.GetInt32(1), r.GetString(2), r.GetInt64(3)), cancellationToken);
    }
}
