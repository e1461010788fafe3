namespace FleetManager.Agent.EventStore;

/// <summary>Takes a sample of the store's usage each minute.</summary>
internal sealed class UsageWorker(DeviceStore store, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            store.Usage.Add(UsageSample.Of(store, time.GetUtcNow()));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
