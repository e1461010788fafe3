using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Sync;

/// <summary>Compares with the server what it holds, at start and every six hours, and tells it of losses until it has taken them (design 6).</summary>
internal sealed partial class Reconciler(DeviceStore store, BackupRoutes routes, SyncStatus status, TimeProvider time, ILogger logger)
{
    private const int LossesAtOnce = 1000;
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(10);
    private long? _comparedAt;
    private long? _refusedAt;

    /// <summary>Time until there is something to do by itself.</summary>
    public TimeSpan NextDue => _comparedAt is { } at ? Max(s_interval - time.GetElapsedTime(at), TimeSpan.FromSeconds(1)) : s_retry;

    /// <summary>Does what is due; returns why the server could not be used, null when it could.</summary>
    public async Task<Failure?> RunDueAsync(CancellationToken cancellationToken)
    {
        if (_refusedAt is { } refused && time.GetElapsedTime(refused) < s_retry)
        {
            return null;
        }

        var failure = await CompareAsync(cancellationToken) ?? await TellLossesAsync(cancellationToken);
        if (failure is { Kind: FailureKind.Refused or FailureKind.Foreign })
        {
            // A server that does not know these routes must still get the events.
            _refusedAt = time.GetTimestamp();
            Log.Refused(logger, failure.Message);
            return null;
        }

        return failure;
    }

    private async Task<Failure?> CompareAsync(CancellationToken cancellationToken)
    {
        if (_comparedAt is { } at && time.GetElapsedTime(at) < s_interval)
        {
            return null;
        }

        // Before the question: what is acknowledged while the answer is on its way must not look missing.
        var epoch = store.Epoch;
        var thought = store.HeldRanges();
        var reply = await routes.ReceiptsAsync(epoch, cancellationToken);
        if (reply.Value is not { Held: { } held } receipts || receipts.Epoch != epoch)
        {
            return reply.Failure ?? new Failure(FailureKind.Foreign, "foreign_answer", "the server's receipts can not be read");
        }

        var again = await store.ReconcileAsync(epoch, thought, held, cancellationToken);
        if (store.Epoch != epoch)
        {
            // The server held numbers that were never given out here, so the store is an older copy of itself and has begun anew: going on
            // would give them out a second time, and take the server's receipts for the new ones.
            Log.OldCopy(logger, epoch, store.Epoch);
            return await CompareAsync(cancellationToken);
        }

        _comparedAt = time.GetTimestamp();
        status.Reconciled();
        if (again > 0)
        {
            Log.Missing(logger, again);
        }

        return null;
    }

    private async Task<Failure?> TellLossesAsync(CancellationToken cancellationToken)
    {
        var epoch = store.Epoch;
        while (store.UnreportedLosses(LossesAtOnce) is { Count: > 0 } losses && store.Epoch == epoch)
        {
            var report = new LossReport(epoch, losses);
            if (await routes.LossesAsync(report, cancellationToken) is { } failure)
            {
                return failure;
            }

            await store.MarkReportedAsync(report, cancellationToken);
        }

        while (store.UnreportedFormerLosses(LossesAtOnce) is { } former)
        {
            if (await routes.LossesAsync(former, cancellationToken) is { } failure)
            {
                return failure;
            }

            await store.MarkFormerReportedAsync(former, cancellationToken);
        }

        return null;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Warning, "The server no longer holds {Count} events that it had acknowledged; they are sent again")]
        public static partial void Missing(ILogger logger, long count);

        [LoggerMessage(401, LogLevel.Warning, "The server does not take receipts or losses: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(402, LogLevel.Error, "The event store was an older copy of itself: the server holds more of epoch {Former} than was given out here. It goes on under epoch {Epoch}")]
        public static partial void OldCopy(ILogger logger, Guid former, Guid epoch);
    }
}
