using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Control;

/// <summary>Tells the server what happened to the device: at once, or as soon as it can be reached.</summary>
internal sealed partial class LifecycleWorker(LineRing<DeviceHappening> ring, Lifecycle lifecycle, AgentRoutes routes, TimeProvider time, ILogger logger)
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
    private readonly RingSender<DeviceHappening> _sender = new(
        ring,
        (boot, batch, cancellationToken) => routes.DeviceEventsAsync(new DeviceEventBatch(boot, batch), cancellationToken),
        (seq, count) => new DeviceHappening(seq, time.GetUtcNow(), DeviceHappening.Agent, "events_left_out", $"{count} earlier events of the device were left out: they could not be sent or kept."));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            lifecycle.Happened.Reset();
            var pause = Timeout.InfiniteTimeSpan;
            if (await SendAsync(cancellationToken) is not { } failure)
            {
                _backoff.Reset();
            }
            else if (failure.Kind == FailureKind.Refused)
            {
                Log.Refused(logger, failure.Message);
            }
            else
            {
                pause = failure.RetryAfter ?? _backoff.Next();
            }

            if (pause == Timeout.InfiniteTimeSpan)
            {
                await lifecycle.Happened.Given.WaitAsync(cancellationToken);
            }
            else
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Sends all that waits; why it could not, or null.</summary>
    public Task<Failure?> SendAsync(CancellationToken cancellationToken) => _sender.SendAsync(cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(341, LogLevel.Warning, "The server refused events of the device: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
