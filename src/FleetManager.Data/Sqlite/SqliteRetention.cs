using FleetManager.Data.Rollups;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>Enters the index of use case and time at the oldest event, and takes its turn among those who write.</summary>
internal sealed class SqliteRetention(SqliteWriteGate gate) : IEventRetention
{
    private const int BatchRows = 500;

    private const string Oldest = "SELECT key FROM events WHERE use_case_key = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";

    public async Task<RetentionBatch?> DeleteAsync(int useCaseKey, DateTimeOffset from, DateTimeOffset before, CancellationToken cancellationToken) =>
        await gate.WriteAsync(t => Delete(t, useCaseKey, from.UtcTicks, before), cancellationToken);

    private static RetentionBatch Delete(SqliteTransaction transaction, int useCaseKey, long from, DateTimeOffset before)
    {
        var gone = transaction.Read(
            $"DELETE FROM events WHERE key IN ({Oldest}) RETURNING timestamp", r => r.GetInt64(0), useCaseKey, from, before.UtcTicks, BatchRows);
        var hours = gone.Select(t => t - (t % TimeSpan.TicksPerHour)).Distinct();
        transaction.Execute("INSERT INTO touched_hours (use_case_key, hour) VALUES ($1, $2)", 2, hours.Select(h => new object?[] { useCaseKey, h }));
        return new RetentionBatch(gone.Count, gone.Count == 0 ? before : new DateTimeOffset(gone.Max(), TimeSpan.Zero));
    }
}
