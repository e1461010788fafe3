using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Shows how a device was.</summary>
internal sealed class TelemetryService(IDbContextFactory<FleetDb> databases)
{
    /// <summary>Every bucket of the period, the oldest first, with or without samples; the device must be one of the caller's workspace.</summary>
    public async Task<IReadOnlyList<TelemetryBucket>> BucketsAsync(int deviceKey, TelemetryPeriod period, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The counters of the first bucket are counted from the slot before it.
        var first = period.FirstStart(now);
        var from = first - TelemetrySlot.Length;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.DeviceTelemetry.AsNoTracking()
            .Where(t => t.DeviceKey == deviceKey && t.At >= from && t.At <= now)
            .OrderBy(t => t.At)
            .ToListAsync(cancellationToken);

        var sums = Enumerable.Range(0, period.Count).Select(_ => new BucketSum()).ToArray();
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].At >= first)
            {
                sums[(int)((rows[i].At - first) / period.Step)].Add(rows[i], i > 0 ? rows[i - 1] : null);
            }
        }

        return [.. sums.Select((sum, i) => sum.ToBucket(first + (period.Step * i)))];
    }
}
