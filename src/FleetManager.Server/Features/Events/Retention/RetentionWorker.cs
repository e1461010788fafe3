using System.Data.Common;
using FleetManager.Data;
using FleetManager.Data.Rollups;
using FleetManager.Data.UseCases;
using FleetManager.Server.Features.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events.Retention;

/// <summary>
/// Deletes events that have left their workspace's history window, then metadata fields and images that no visible event has. Receipts are not touched.
/// After each batch it rests four times as long as it worked, so that ingest beside it hardly feels it.
/// </summary>
internal sealed partial class RetentionWorker(
    IDbContextFactory<FleetDb> databases,
    IEventRetention retention,
    ImageRetention images,
    TimeProvider time,
    ILogger<RetentionWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(10);
    private const int Rest = 4;

    /// <summary>Deletes all that is too old now. Safe to stop and to run on several servers at once.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var useCase in await db.UseCases.AsNoTracking().ToListAsync(cancellationToken))
        {
            if (await DeleteEventsAsync(useCase, cancellationToken) is not { } deleted)
            {
                return;
            }

            if (deleted > 0)
            {
                Log.Deleted(logger, deleted, useCase.UseCaseId, useCase.WorkspaceId);
            }

            var floor = CountRange.Floor(await FloorAsync(useCase.WorkspaceId, cancellationToken), TimeSpan.FromDays(1));
            await db.MetadataFields.Where(f => f.UseCaseKey == useCase.Key && f.LastSeen < floor).ExecuteDeleteAsync(cancellationToken);

            // The rollups of a day that lost its events are gone by their recount; when it was counted is of no more use either.
            await db.FacetDays.Where(f => f.UseCaseKey == useCase.Key && f.Day < floor).ExecuteDeleteAsync(cancellationToken);
        }

        foreach (var workspace in await db.Workspaces.Select(w => w.Id).ToListAsync(cancellationToken))
        {
            if (await images.SweepAsync(workspace, await FloorAsync(workspace, cancellationToken), cancellationToken) is > 0 and var swept)
            {
                Log.Swept(logger, swept, workspace);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (true)
        {
            try
            {
                await DeleteAsync(stoppingToken);
                failed = false;
            }
            catch (Exception fault) when (fault is DbException or InvalidOperationException)
            {
                if (!failed)
                {
                    Log.Failed(logger, fault);
                }

                failed = true;
            }

            await Task.Delay(s_interval, time, stoppingToken);
        }
    }

    /// <summary>How many are gone; null when another server is deleting.</summary>
    private async Task<long?> DeleteEventsAsync(UseCase useCase, CancellationToken cancellationToken)
    {
        var from = DateTimeOffset.UnixEpoch;
        var deleted = 0L;
        while (true)
        {
            // Asked anew before each batch: who widens the window in time must not lose what was too old a moment ago.
            var floor = await FloorAsync(useCase.WorkspaceId, cancellationToken);
            var started = time.GetTimestamp();
            if (await retention.DeleteAsync(useCase.Key, from, floor, cancellationToken) is not { } batch)
            {
                return null;
            }

            if (batch.Deleted == 0)
            {
                return deleted;
            }

            (from, deleted) = (batch.Through, deleted + batch.Deleted);
            await Task.Delay(time.GetElapsedTime(started) * Rest, time, cancellationToken);
        }
    }

    /// <summary>What the database says now, not what <see cref="HistoryWindow"/> remembers.</summary>
    private async Task<DateTimeOffset> FloorAsync(int workspaceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return time.GetUtcNow().AddDays(-await db.Workspaces.Where(w => w.Id == workspaceId).Select(w => w.HistoryDays).SingleAsync(cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1221, LogLevel.Information, "{Events} events of use case {UseCase} in workspace {Workspace} left the history window and were deleted")]
        public static partial void Deleted(ILogger logger, long events, string useCase, int workspace);

        [LoggerMessage(1223, LogLevel.Information, "{Images} images of workspace {Workspace} that no event in the history window names were deleted")]
        public static partial void Swept(ILogger logger, int images, int workspace);

        [LoggerMessage(1222, LogLevel.Error, "Events that left the history window could not be deleted; trying again in ten minutes")]
        public static partial void Failed(ILogger logger, Exception fault);
    }
}
