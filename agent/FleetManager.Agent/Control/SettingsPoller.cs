
namespace FleetManager.Agent.Control;

/// <summary>Fetches the settings by REST while MQTT is blocked, so that the device stays reachable for its operators.</summary>
internal sealed partial class SettingsPoller(AgentRoutes routes, SettingsService settings, MqttLink link, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(s_interval, time, cancellationToken);
            if (link.DownFor >= s_interval)
            {
                await FetchAsync(cancellationToken);
            }
        }
    }

    /// <summary>Fetches once; false when the server gave no answer that can be used.</summary>
    public async Task<bool> FetchAsync(CancellationToken cancellationToken)
    {
        var reply = await routes.SettingsAsync(cancellationToken);
        if (reply.Value is { } desired)
        {
            settings.Offer(desired);
        }
        else if (reply.Failure is { } failure)
        {
            Log.Failed(logger, failure.Message);
        }

        return reply.Failure is null;
    }

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Debug, "The settings could not be fetched by REST: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
