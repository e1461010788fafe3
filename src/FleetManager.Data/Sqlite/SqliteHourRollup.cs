using System.Text.Json;
using FleetManager.Data.Rollups;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>
/// Counts on a snapshot, beside the one writer, and then writes what it counted in a short transaction together with the removal of the very
/// notes that the snapshot had: an event that came after it has a note of its own, which stays.
/// </summary>
internal sealed class SqliteHourRollup(SqliteWriteGate gate) : IHourRollup, IDisposable
{
    /// <summary>Counts the events of <c>waiting (use_case_key, hour)</c>; the order of a CROSS JOIN is kept, so the index is entered once for each.</summary>
    public static readonly string CountWaiting =
        $"""
        SELECT w.use_case_key, w.hour, e.event_type, count(*)
        FROM waiting w CROSS JOIN events e
          ON e.use_case_key = w.use_case_key AND e.timestamp >= w.hour AND e.timestamp < w.hour + {TimeSpan.TicksPerHour}
        GROUP BY w.use_case_key, w.hour, e.event_type
        """;

    private const string Waiting = "WITH waiting AS MATERIALIZED (SELECT value ->> 0 AS use_case_key, value ->> 1 AS hour FROM json_each($1))";

    private const string FindNotes =
        $"""
        {Waiting}
        SELECT t.use_case_key, t.hour, t.key FROM waiting w CROSS JOIN touched_hours t ON t.use_case_key = w.use_case_key AND t.hour = w.hour
        """;

    private const string WriteDay =
        """
        INSERT INTO event_days (use_case_key, day, event_type, events)
        SELECT $1, $2, event_type, sum(events) FROM event_hours WHERE use_case_key = $1 AND hour >= $2 AND hour < $3 GROUP BY event_type
        """;

    private readonly SemaphoreSlim _counting = new(1, 1);

    public Task<IReadOnlyList<UseCaseTime>> WaitingAsync(int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<UseCaseTime>>(gate.Read(t => t.Read(RollupSql.WaitingHours, SqliteSql.UseCaseTime, limit)));

    public async Task<bool> CountAsync(IReadOnlyList<UseCaseTime> hours, CancellationToken cancellationToken)
    {
        if (!await _counting.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return false;
        }

        try
        {
            var asked = JsonSerializer.Serialize(hours.Select(h => new[] { h.UseCaseKey, h.Start.UtcTicks }));
            var (notes, counted) = gate.Read(t => (
                t.Read(FindNotes, r => (Hour: r.UseCaseTime(), Key: r.GetInt64(2)), asked),
                t.Read($"{Waiting} {CountWaiting}", r => (Hour: r.UseCaseTime(), Type: r.GetString(2), Events: r.GetInt64(3)), asked)));
            var noted = notes.Select(n => n.Hour).ToHashSet();
            counted.RemoveAll(c => !noted.Contains(c.Hour));
            return await gate.WriteAsync(
                t =>
                {
                    t.Execute("DELETE FROM touched_hours WHERE key = $1", 1, notes.Select(n => new object?[] { n.Key }));
                    Write(t, noted, counted);
                    return true;
                },
                cancellationToken);
        }
        finally
        {
            _counting.Release();
        }
    }

    public void Dispose() => _counting.Dispose();

    private static void Write(SqliteTransaction transaction, HashSet<UseCaseTime> hours, List<(UseCaseTime Hour, string Type, long Events)> counted)
    {
        transaction.Execute("DELETE FROM event_hours WHERE use_case_key = $1 AND hour = $2", 2, hours.Select(Values));
        transaction.Execute(
            "INSERT INTO event_hours (use_case_key, hour, event_type, events) VALUES ($1, $2, $3, $4)",
            4,
            counted.Select(c => new object?[] { c.Hour.UseCaseKey, c.Hour.Start.UtcTicks, c.Type, c.Events }));

        var days = hours.Select(h => h.Day).Distinct().ToList();
        transaction.Execute("DELETE FROM event_days WHERE use_case_key = $1 AND day = $2", 2, days.Select(Values));
        transaction.Execute(WriteDay, 3, days.Select(d => new object?[] { d.UseCaseKey, d.Start.UtcTicks, d.Start.UtcTicks + TimeSpan.TicksPerDay }));
        transaction.Execute("INSERT INTO touched_days (use_case_key, day) VALUES ($1, $2)", 2, days.Select(Values));
    }

    private static object?[] Values(UseCaseTime time) => [time.UseCaseKey, time.Start.UtcTicks];
}
