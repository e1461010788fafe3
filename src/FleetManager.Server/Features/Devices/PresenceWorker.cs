using System.Data.Common;
using FleetManager.Data;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Devices;

/// <summary>
/// Presence also changes by silence, which no message announces. Tells pages of the devices whose grace, silence or stale limit has
/// passed since the last look.
/// </summary>
internal sealed partial class PresenceWorker(
    IDbContextFactory<FleetDb> databases,
    ChangeFeed changes,
    TimeProvider time,
    ILogger<PresenceWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var last = time.GetUtcNow();
        var failed = false;
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var now = time.GetUtcNow();
                await LookAsync(last, now, stoppingToken);
                (last, failed) = (now, false);
            }
            catch (Exception fault) when (fault is DbException or InvalidOperationException)
            {
                if (!failed)
                {
                    Log.LookFailed(logger, fault);
                }

                failed = true;
            }
        }
    }

    private async Task LookAsync(DateTimeOffset last, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (grace, graceEnd) = (last - Presence.Grace, now - Presence.Grace);
        var (silent, silentEnd) = (last - Presence.SilentAfter, now - Presence.SilentAfter);
        var (stale, staleEnd) = (last - DeviceService.SyncStaleAfter, now - DeviceService.SyncStaleAfter);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var changed = await db.DeviceStatuses.AsNoTracking()
            .Where(s => (s.ConnectionChangedAt > grace && s.ConnectionChangedAt <= graceEnd)
                || (s.LastUplinkAt > silent && s.LastUplinkAt <= silentEnd)
                || (s.LastRestAt > silent && s.LastRestAt <= silentEnd)
                || (s.SyncAt > stale && s.SyncAt <= staleEnd))
            .Join(db.Devices, s => s.DeviceKey, d => d.Key, (s, d) => new { d.WorkspaceId, d.DeviceId })
            .ToListAsync(cancellationToken);
        changed.ForEach(d => changes.Publish(new Change(d.WorkspaceId, ChangeKind.Device, d.DeviceId)));
    }

    private static partial class Log
    {
        [LoggerMessage(2011, LogLevel.Error, "Presence could not be looked at; trying again")]
        public static partial void LookFailed(ILogger logger, Exception fault);
    }
}
