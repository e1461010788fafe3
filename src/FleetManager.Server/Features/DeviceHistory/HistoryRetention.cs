using System.Data.Common;
using System.Linq.Expressions;
using FleetManager.Data;
using FleetManager.Data.Devices;
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
        await RepeatAsync(db => db.DeviceLogs.OrderBy(l => l.Key).Take(Slice).Where(l => l.ReceivedAt < logs), Logs, cancellationToken);
        await RepeatAsync(db => db.DeviceEvents.OrderBy(e => e.Key).Take(Slice).Where(e => e.At < events), Events, cancellationToken);
        await RepeatAsync(
            db => db.DeviceTelemetry.Where(t => t.At < telemetry).OrderBy(t => t.At).Take(Slice),
            (db, old) => db.DeviceTelemetry.Where(t => old.Any(o => o.DeviceKey == t.DeviceKey && o.At == t.At)),
            cancellationToken);
        await CapAsync(
            maxLogs, l => l.DeviceKey, (db, device) => db.DeviceLogs.Where(l => l.DeviceKey == device).OrderByDescending(l => l.Key), Logs, cancellationToken);
        await CapAsync(
            maxEvents, e => e.DeviceKey, (db, device) => db.DeviceEvents.Where(e => e.DeviceKey == device).OrderByDescending(e => e.Key), Events, cancellationToken);
    }

    private static IQueryable<DeviceLog> Logs(FleetDb db, IQueryable<DeviceLog> old) => db.DeviceLogs.Where(l => old.Select(o => o.Key).Contains(l.Key));

    private static IQueryable<DeviceEvent> Events(FleetDb db, IQueryable<DeviceEvent> old) => db.DeviceEvents.Where(e => old.Select(o => o.Key).Contains(e.Key));

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

    /// <summary>Keeps the newest rows of each device that has more than <paramref name="max"/>.</summary>
    private async Task CapAsync<T>(
        int max,
        Expression<Func<T, int>> device,
        Func<FleetDb, int, IQueryable<T>> newestFirst,
        Func<FleetDb, IQueryable<T>, IQueryable<T>> matching,
        CancellationToken cancellationToken)
        where T : class
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var over = await db.Set<T>().GroupBy(device).Where(g => g.Count() > max).Select(g => g.Key).ToListAsync(cancellationToken);
        foreach (var key in over)
        {
            await RepeatAsync(d => newestFirst(d, key).Skip(max).Take(Slice), matching, cancellationToken);
        }
    }

    /// <summary>Deletes slice after slice, each in a transaction of its own, until there is nothing to delete in one.</summary>
    private async Task RepeatAsync<T>(
        Func<FleetDb, IQueryable<T>> oldest,
        Func<FleetDb, IQueryable<T>, IQueryable<T>> matching,
        CancellationToken cancellationToken)
        where T : class
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        while (await matching(db, oldest(db)).ExecuteDeleteAsync(cancellationToken) > 0)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2041, LogLevel.Error, "The history of devices could not be trimmed; trying again")]
        public static partial void TrimFailed(ILogger logger, Exception fault);
    }
}
