using System.Data.Common;
using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// Ends the history of devices: by age, and by a most number of rows per device, so that a chatty one fills no disk. Deletes in slices,
/// so that writers are served in between.
/// </summary>
internal sealed partial class HistoryRetention(IDbContextFactory<FleetDb> databases, TimeProvider time, ILogger<HistoryRetention> logger) : BackgroundService
{
    public const int MaxLogsOfDevice = 100_000;
    public const int MaxEventsOfDevice = 10_000;

    /// <summary>The longest chart shows 14 days.</summary>
    public static readonly TimeSpan KeepTelemetry = TimeSpan.FromDays(15);
    public static readonly TimeSpan KeepLogs = TimeSpan.FromDays(15);
    public static readonly TimeSpan KeepEvents = TimeSpan.FromDays(90);

    private const int Slice = 1000;
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(10);

    /// <summary>One round; tests pass smaller numbers.</summary>
    public async Task TrimAsync(CancellationToken cancellationToken, int maxLogs = MaxLogsOfDevice, int maxEvents = MaxEventsOfDevice)
    {
        var now = time.GetUtcNow();
        var (logs, events, telemetry) = (now - KeepLogs, now - KeepEvents, now - KeepTelemetry);

        // Keys rise with the server's clock, so the oldest rows are the first ones and no index on the time is needed.
        await RepeatAsync(db => db.DeviceLogs.OrderBy(l => l.Key).Take(Slice).Where(l => l.ReceivedAt < logs), (db, old) => db.DeviceLogs.Where(l => old.Select(o => o.Key).Contains(l.Key)), cancellationToken);
        await RepeatAsync(db => db.DeviceEvents.OrderBy(e => e.Key).Take(Slice).Where(e => e.At < events), (db, old) => db.DeviceEvents.Where(e => old.Select(o => o.Key).Contains(e.Key)), cancellationToken);
        await RepeatAsync(
            db => db.DeviceTelemetry.Where(t => t.At < telemetry).OrderBy(t => t.At).Take(Slice),
            (db, old) => db.DeviceTelemetry.Where(t => old.Any(o => o.DeviceKey == t.DeviceKey && o.At == t.At)),
            cancellationToken);
        await CapLogsAsync(maxLogs, cancellationToken);
        await CapEventsAsync(maxEvents, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TrimAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is DbException or InvalidOperationException)
            {
                Log.TrimFailed(logger, fault);
            }
        }
    }

    private async Task CapLogsAsync(int max, CancellationToken cancellationToken)
    {
        foreach (var device in await OverAsync(db => db.DeviceLogs.GroupBy(l => l.DeviceKey).Where(g => g.Count() > max).Select(g => g.Key), cancellationToken))
        {
            await RepeatAsync(
                db => db.DeviceLogs.Where(l => l.DeviceKey == device).OrderByDescending(l => l.Key).Skip(max).Take(Slice),
                (db, old) => db.DeviceLogs.Where(l => old.Select(o => o.Key).Contains(l.Key)),
                cancellationToken);
        }
    }

    private async Task CapEventsAsync(int max, CancellationToken cancellationToken)
    {
        foreach (var device in await OverAsync(db => db.DeviceEvents.GroupBy(e => e.DeviceKey).Where(g => g.Count() > max).Select(g => g.Key), cancellationToken))
        {
            await RepeatAsync(
                db => db.DeviceEvents.Where(e => e.DeviceKey == device).OrderByDescending(e => e.Key).Skip(max).Take(Slice),
                (db, old) => db.DeviceEvents.Where(e => old.Select(o => o.Key).Contains(e.Key)),
                cancellationToken);
        }
    }

    private async Task<List<int>> OverAsync(Func<FleetDb, IQueryable<int>> devices, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await devices(db).ToListAsync(cancellationToken);
    }

    /// <summary>Deletes slice after slice, each in a transaction of its own, until one was not full.</summary>
    private async Task RepeatAsync<T>(
        Func<FleetDb, IQueryable<T>> oldest,
        Func<FleetDb, IQueryable<T>, IQueryable<T>> matching,
        CancellationToken cancellationToken)
        where T : class
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        while (await matching(db, oldest(db)).ExecuteDeleteAsync(cancellationToken) == Slice)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2041, LogLevel.Error, "The history of devices could not be trimmed; trying again")]
        public static partial void TrimFailed(ILogger logger, Exception fault);
    }
}
