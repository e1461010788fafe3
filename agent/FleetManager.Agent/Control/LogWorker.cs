using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Control;

/// <summary>Sends the log to the server, twice a minute.</summary>
internal sealed partial class LogWorker(LineRing<LogLine> lines, AgentRoutes routes, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    private readonly RingSender<LogLine> _sender = new(
        lines,
        (boot, batch, cancellationToken) => routes.LogsAsync(new LogBatch(boot, batch), cancellationToken),
        (seq, count) => new LogLine(seq, time.GetUtcNow(), "WARN", "control", $"{count} earlier lines were left out: they could not be sent for too long, or the disk did not take them."));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var failure = await SendAsync(cancellationToken);
            if (failure is { Kind: FailureKind.Refused })
            {
                Log.Refused(logger, failure.Message);
            }

            var pause = failure?.RetryAfter ?? TimeSpan.Zero;
            await Task.Delay(pause > s_interval ? pause : s_interval, time, cancellationToken);
        }
    }

    /// <summary>Sends all that waits; why it could not, or null.</summary>
    public Task<Failure?> SendAsync(CancellationToken cancellationToken) => _sender.SendAsync(cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(340, LogLevel.Warning, "The server refused lines of the log: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
