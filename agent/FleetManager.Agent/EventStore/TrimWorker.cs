using FleetManager.Agent.Platform;

namespace FleetManager.Agent.EventStore;

/// <summary>Keeps the store within its retention and caps: every minute, and at once when the settings change.</summary>
internal sealed partial class TrimWorker(DeviceStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);
    private readonly Signal _now = new();

    public void RunNow() => _now.Set();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await store.CleanUpAsync(cancellationToken);
            }
            catch (Exception e) when (e is StoreFailedException or IOException)
            {
                Log.Failed(logger, e);
            }

            await _now.WaitAsync(s_interval, time, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Error, "The store could not be trimmed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
