using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>
/// Fetches the settings and reports by REST, once a minute, while MQTT is blocked: the device stays reachable for its operators, and is
/// seen to live.
/// </summary>
internal sealed partial class RestFallback(AgentRoutes routes, SettingsService settings, Uplinks uplinks, MqttLink link, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    /// <summary>Called when the server was reached in spite of the broker.</summary>
    public event Action? Reached;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(s_interval, time, cancellationToken);
            if (link.DownFor < s_interval)
            {
                continue;
            }

            if (await ExchangeAsync(cancellationToken) is { } failure)
            {
                Log.Failed(logger, failure.Message);
            }
            else
            {
                Reached?.Invoke();
            }
        }
    }

    private async Task<Failure?> ExchangeAsync(CancellationToken cancellationToken)
    {
        var reply = await routes.SettingsAsync(cancellationToken);
        if (reply.Value is { } desired)
        {
            settings.Offer(desired);
        }

        var failure = reply.Failure;
        foreach (var envelope in uplinks.State())
        {
            failure ??= await routes.ReportAsync(envelope, cancellationToken);
        }

        return failure;
    }

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Debug, "The server can not be reached by REST either: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
