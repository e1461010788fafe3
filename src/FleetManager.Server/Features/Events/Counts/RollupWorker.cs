using System.Data.Common;
using System.Runtime.ExceptionServices;
using FleetManager.Data;
using FleetManager.Data.Rollups;

namespace FleetManager.Server.Features.Events.Counts;

/// <summary>
/// Keeps rollups true: counts the hours that writers noted, and the days whose hours were counted. A stop at any point leaves notes. Each of the
/// two rests nineteen times as long as it worked, within bounds, so that counting never takes more than a twentieth of a core from ingest.
/// </summary>
internal sealed partial class RollupWorker(IHourRollup hours, IFacetRollup facets, TimeProvider time, ILogger<RollupWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_maxRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_facetInterval = TimeSpan.FromSeconds(30);
    private const int Rest = 19;
    private const int HoursOfPass = 500;
    private const int HoursOfTransaction = 20;
    private const int DaysOfPass = 10;

    /// <summary>Counts hours that wait, those that wait longest first, until none is left of them or another server is at it.</summary>
    public async Task CountHoursAsync(CancellationToken cancellationToken)
    {
        var waiting = await hours.WaitingAsync(HoursOfPass, cancellationToken);
        await CountEachAsync(waiting.Chunk(HoursOfTransaction), slice => hours.CountAsync(slice, cancellationToken));
    }

    /// <summary>Likewise the facets of days that were not counted for 30 s.</summary>
    public async Task CountFacetsAsync(CancellationToken cancellationToken)
    {
        var waiting = await facets.WaitingAsync(time.GetUtcNow() - s_facetInterval, DaysOfPass, cancellationToken);
        await CountEachAsync(waiting, day => facets.CountAsync(day, time.GetUtcNow(), cancellationToken));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RunAsync("hours", CountHoursAsync, stoppingToken),
        RunAsync("facets", CountFacetsAsync, stoppingToken));

    private async Task RunAsync(string what, Func<CancellationToken, Task> count, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var started = time.GetTimestamp();
            try
            {
                await count(cancellationToken);
                if (failures > 0)
                {
                    Log.Recovered(logger, what, failures);
                }

                failures = 0;
            }
            catch (Exception fault) when (fault is DbException or InvalidOperationException)
            {
                if (failures++ == 0)
                {
                    Log.Failed(logger, fault, what);
                }
            }

            await Task.Delay(RestAfter(time.GetElapsedTime(started), failures), time, cancellationToken);
        }
    }

    /// <summary>What the database refuses for reasons of its own must not hold up the others: it is told last.</summary>
    private static async Task CountEachAsync<T>(IEnumerable<T> waiting, Func<T, Task<bool>> countAsync)
    {
        DbException? refused = null;
        foreach (var item in waiting)
        {
            try
            {
                if (!await countAsync(item))
                {
                    break;
                }
            }
            catch (DbException fault) when (!DatabaseFaults.IsUnavailable(fault))
            {
                refused ??= fault;
            }
        }

        if (refused is not null)
        {
            ExceptionDispatchInfo.Throw(refused);
        }
    }

    private static TimeSpan RestAfter(TimeSpan worked, int failures)
    {
        var rest = failures == 0 ? worked * Rest : s_interval * Math.Pow(2, Math.Min(failures, 5)) * (0.5 + (Random.Shared.NextDouble() / 2));
        return rest < s_interval ? s_interval : rest > s_maxRest ? s_maxRest : rest;
    }

    private static partial class Log
    {
        [LoggerMessage(1211, LogLevel.Error, "Rollups ({What}) could not be counted; trying again. Counts that wait are taken live meanwhile")]
        public static partial void Failed(ILogger logger, Exception fault, string what);

        [LoggerMessage(1212, LogLevel.Information, "Rollups ({What}) are counted again, after {Failures} failures")]
        public static partial void Recovered(ILogger logger, string what, int failures);
    }
}
