using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Sync;

/// <summary>
/// The sync loop: while the settings allow it and the server can be reached, it drains what is pending; otherwise it waits for the reason to
/// go away. It never gives up and never drops.
/// </summary>
internal sealed partial class SyncWorker(
    DeviceStore store,
    SettingsService settings,
    BatchSender sender,
    RequestGate gate,
    Deferrals deferrals,
    Reconciler reconciler,
    EventClock clock,
    SyncStatus status,
    TimeProvider time,
    ILogger logger)
{
    // Keeps the progress visible and a cut connection cheap when events carry large pictures.
    private const long LeaseBytes = 8 * 1024 * 1024;

    // Beyond those that are under way: one is being read, another written down, while the network is busy with the rest.
    private const int AheadOfRequests = 2;

    private static readonly TimeSpan s_unauthorizedPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_windowCheck = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    private readonly WakeUp _wake = new();
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private BackupSettings? _seen;
    private bool _pauseIsOrdered;
    private long? _lastLogged;

    private BackupSettings Backup => settings.Current.VisionEventsBackup;

    public void Wake(WakeReason reason) => _wake.Give(reason);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (pause > TimeSpan.Zero)
                {
                    // Also what comes before the pause of a step may be what breaks, such as a store whose disk gives nothing.
                    await _wake.WaitAsync(WakeReason.Settings | WakeReason.Network, pause, time, cancellationToken);
                }

                pause = TimeSpan.Zero;
                await StepAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Broken(logger, e);
                pause = _backoff.Next();
                status.Failed(new Failure(FailureKind.Temporary, "internal", e.Message), SyncPhase.Error, pause);
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        clock.Look(store.Progress().LastSeq);
        await RetryParkedAsync(Backup, cancellationToken);
        if (!Backup.Enabled)
        {
            status.Enter(SyncPhase.Disabled);
            await _wake.WaitAsync(WakeReason.Settings, Timeout.InfiniteTimeSpan, time, cancellationToken);
            return;
        }

        if (!BackupClock.IsOpen(Backup.Windows, time.GetLocalNow()))
        {
            status.Enter(SyncPhase.WindowClosed);
            await _wake.WaitAsync(WakeReason.Settings, s_windowCheck, time, cancellationToken);
            return;
        }

        if (status.PauseLeft is var left && left > TimeSpan.Zero)
        {
            // A pause that the server ordered is kept; one of our own ends as soon as the server is seen again.
            var mask = _pauseIsOrdered ? WakeReason.Settings : WakeReason.Settings | WakeReason.Network;
            if ((await _wake.WaitAsync(mask, left, time, cancellationToken)).HasFlag(WakeReason.Network))
            {
                status.EndPause();
            }

            return;
        }

        _wake.Take(WakeReason.Network);
        if ((await reconciler.RunDueAsync(cancellationToken) ?? await DrainAsync(cancellationToken)) is { } failure)
        {
            Pause(failure);
            return;
        }

        _backoff.Reset();
        if (_lastLogged is not null)
        {
            _lastLogged = null;
            Log.Recovered(logger);
        }

        // Drained, or no longer allowed to: the next step tells which.
        var next = deferrals.NextDue;
        if (Backup.Enabled && BackupClock.IsOpen(Backup.Windows, time.GetLocalNow()))
        {
            // Events that the server could not take just now are pending still, though nothing else is.
            status.Enter(next == Timeout.InfiniteTimeSpan ? SyncPhase.Idle : SyncPhase.Backoff);
            var wait = Earlier(next, reconciler.NextDue, Backup.Windows.Count > 0 ? s_windowCheck : Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(WakeReason.Work | WakeReason.Settings | WakeReason.Network, wait, time, cancellationToken);
        }
    }

    /// <summary>Sends until nothing is pending, the settings forbid it, or the server fails; returns the failure.</summary>
    private async Task<Failure?> DrainAsync(CancellationToken cancellationToken)
    {
        var flights = new List<Task<Failure?>>();
        Failure? failure = null;
        try
        {
            while (true)
            {
                deferrals.ReleaseDue();
                _wake.Take(WakeReason.Work);
                while (failure is null && flights.Count < gate.Limit + AheadOfRequests && await NextAsync(cancellationToken) is { } lease)
                {
                    status.Begin();
                    flights.Add(sender.SendAsync(lease, Backup, cancellationToken));
                }

                if (flights.Count == 0)
                {
                    return failure;
                }

                // New events are worth waking for only while a hand is free.
                var handIsFree = failure is null && flights.Count < gate.Limit + AheadOfRequests;
                IEnumerable<Task> waits = handIsFree ? [.. flights, _wake.Given(WakeReason.Work)] : flights;
                await Task.WhenAny(waits);
                foreach (var landed in flights.Where(f => f.IsCompleted).ToList())
                {
                    flights.Remove(landed);
                    failure ??= await landed;
                }
            }
        }
        finally
        {
            // Leases of the others come back before anybody looks again.
            await Task.WhenAll(flights).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<Lease?> NextAsync(CancellationToken cancellationToken) =>
        Backup.Enabled && BackupClock.IsOpen(Backup.Windows, time.GetLocalNow())
            ? await store.LeaseAsync(Backup.BatchSize, LeaseBytes, Backup.Order, cancellationToken)
            : null;

    // What was parked for want of a default use case is tried again with every new one; switching the backup off and on tries all again.
    private async Task RetryParkedAsync(BackupSettings now, CancellationToken cancellationToken)
    {
        var before = _seen;
        if (before is { Enabled: false } && now.Enabled)
        {
            await store.RetryParkedAsync(code: null, cancellationToken);
        }
        else if (now.DefaultUseCaseId is { } useCase && useCase != before?.DefaultUseCaseId)
        {
            await store.RetryParkedAsync(BatchSender.UseCaseMissing, cancellationToken);
        }

        _seen = now;
    }

    private void Pause(Failure failure)
    {
        var (phase, pause) = failure switch
        {
            { Kind: FailureKind.Unauthorized } => (SyncPhase.Unauthorized, s_unauthorizedPause),
            { RetryAfter: { } ordered } => (SyncPhase.Backoff, ordered),
            { Kind: FailureKind.Unreachable } => (SyncPhase.Offline, _backoff.Next()),
            _ => (SyncPhase.Backoff, _backoff.Next()),
        };
        if (failure.Kind is FailureKind.Temporary or FailureKind.Unreachable)
        {
            gate.BackOff();
        }

        _pauseIsOrdered = failure is { Kind: not FailureKind.Unauthorized, RetryAfter: not null };
        status.Failed(failure, phase, pause);
        if (_lastLogged is not { } last || time.GetElapsedTime(last) >= s_quiet)
        {
            _lastLogged = time.GetTimestamp();
            Log.Failed(logger, failure.Message);
        }
    }

    private static TimeSpan Earlier(params ReadOnlySpan<TimeSpan> waits)
    {
        var earliest = Timeout.InfiniteTimeSpan;
        foreach (var wait in waits)
        {
            if (wait != Timeout.InfiniteTimeSpan && (earliest == Timeout.InfiniteTimeSpan || wait < earliest))
            {
                earliest = wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
            }
        }

        return earliest;
    }

    private static partial class Log
    {
        [LoggerMessage(410, LogLevel.Warning, "The backup waits: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(411, LogLevel.Information, "The backup works again")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(412, LogLevel.Error, "The backup met an unexpected fault; it goes on")]
        public static partial void Broken(ILogger logger, Exception exception);
    }
}
