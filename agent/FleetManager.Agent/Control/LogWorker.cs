using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Control;

/// <summary>Sends the log to the server, twice a minute. What it can not have waits; what it will never take is passed over.</summary>
internal sealed partial class LogWorker(LogBuffer lines, AgentRoutes routes, long boot, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = await SendAsync(cancellationToken);
            await Task.Delay(pause > s_interval ? pause : s_interval, time, cancellationToken);
        }
    }

    /// <summary>Sends all that waits; the pause that the server asked for, or none.</summary>
    private async Task<TimeSpan> SendAsync(CancellationToken cancellationToken)
    {
        while (lines.Peek() is { Count: > 0 } batch)
        {
            var failure = await routes.LogsAsync(new LogBatch(boot, batch), cancellationToken);
            if (failure is not null and not { Kind: FailureKind.Refused })
            {
                return failure.RetryAfter ?? TimeSpan.Zero;
            }

            lines.Remove(batch[^1].Seq);
            if (failure is not null)
            {
                Log.Refused(logger, batch.Count, failure.Message);
                return TimeSpan.Zero;
            }
        }

        return TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Warning, "The server refused {Count} lines of the log: {Reason}")]
        public static partial void Refused(ILogger logger, int count, string reason);
    }
}
