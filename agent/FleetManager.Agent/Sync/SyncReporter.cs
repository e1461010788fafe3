using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Sync;

/// <summary>Builds the sync report and says it when it is worth saying (design 5.3).</summary>
internal sealed class SyncReporter(DeviceStore store, SettingsService settings, SyncStatus status, ServerClock server, TimeProvider time)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_changed = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);

    private readonly RateMeter _in = new();
    private readonly RateMeter _out = new();

    public async Task RunAsync(Uplinks uplinks, CancellationToken cancellationToken)
    {
        var (observedAt, saidAt, said, saidPhase) = (time.GetTimestamp(), time.GetTimestamp(), default(StoreProgress), (SyncPhase?)null);
        while (!cancellationToken.IsCancellationRequested)
        {
            var progress = store.Progress();
            var now = time.GetTimestamp();
            _in.Observe(progress.LastSeq, time.GetElapsedTime(observedAt, now).TotalSeconds);
            _out.Observe(progress.Held, time.GetElapsedTime(observedAt, now).TotalSeconds);
            observedAt = now;

            var phase = status.Snapshot().Phase;
            var silence = time.GetElapsedTime(saidAt, now);
            if (phase != saidPhase || silence >= s_idle || (progress != said && (phase == SyncPhase.Uploading || silence >= s_changed)))
            {
                uplinks.Say(Build());
                (saidAt, said, saidPhase) = (now, progress, phase);
            }

            // At most one report a second: a phase that flickers, as it does when events trickle in, is told by its newest state.
            if (time.GetElapsedTime(saidAt) < s_tick)
            {
                await Task.Delay(s_tick, time, cancellationToken);
            }
            else
            {
                await status.PhaseChanged.WaitAsync(s_tick, time, cancellationToken);
            }
        }
    }

    public SyncReport Build()
    {
        var stats = store.Stats();
        var (limits, images) = (settings.Current.EventStore, settings.Current.VisionEventsBackup.Images);
        var (phase, lastError, lastSuccess, nextRetry) = status.Snapshot();
        var totals = stats.Totals;
        var growth = _in.PerSecond - _out.PerSecond;
        return new SyncReport
        {
            Epoch = stats.Epoch,
            FirstSeq = stats.FirstSeq,
            LastSeq = totals.LastSeq,
            AckedThrough = stats.AckedThrough,
            Phase = stats.CapacityBlocked == true && phase is (SyncPhase.Idle or SyncPhase.Disabled) ? SyncPhase.CapacityBlocked : phase,
            Records = totals.Records,
            RecordsLimit = limits.MaxRecords,
            PendingRecords = stats.Pending,
            BackedUpRecords = stats.BackedUp,
            ParkedRecords = stats.Parked,
            ParkedReasons = stats.ParkedReasons,
            DeclaredLostRecords = stats.DeclaredLost,
            DraftRecords = totals.Drafts,
            Images = totals.Images,
            BytesUsed = totals.Bytes,
            BytesLimit = limits.MaxBytes,
            PendingBytes = totals.BytesToSend(images),
            DiskPercentUsed = stats.DiskPercentUsed is { } percent ? Math.Round(percent, 1) : null,
            OldestPendingAgeSeconds = stats.OldestPendingAt is { } oldest ? Math.Max(0, Math.Round((time.GetUtcNow() - oldest).TotalSeconds)) : null,
            InPerSecond = Math.Round(_in.PerSecond, 2),
            OutPerSecond = Math.Round(_out.PerSecond, 2),
            EtaSeconds = stats.Pending > 0 && growth < 0 ? Math.Round(stats.Pending / -growth) : null,
            HoursUntilFull = HoursUntilFull(stats, limits, images, growth),
            CapacityBlocked = stats.CapacityBlocked,
            LastSuccessAt = lastSuccess,
            LastError = lastError,
            ClockOffsetSeconds = server.Offset is { } offset ? Math.Round(offset.TotalSeconds, 1) : null,
            LastReconciledAt = status.ReconciledAt,
            NextRetryInSeconds = nextRetry is { } left ? Math.Round(left.TotalSeconds, 1) : null,
        };
    }

    // What the server holds makes room by itself, so only what it does not hold counts.
    private static double? HoursUntilFull(StoreStats stats, EventStoreSettings limits, BackupImages images, double growth)
    {
        var waiting = stats.Pending + stats.Parked;
        if (growth <= 0 || waiting == 0)
        {
            return null;
        }

        var bytes = stats.Totals.BytesToSend(images);
        var bytesEach = Math.Max(1, (double)bytes / Math.Max(1, stats.Pending));
        var events = Math.Min(limits.MaxRecords - waiting, (limits.MaxBytes - bytes) / bytesEach);
        return Math.Round(Math.Max(0, events) / growth / 3600, 1);
    }
}
