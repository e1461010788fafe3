using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Sync;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.FaultLab;

/// <summary>One start of the agent: its own store, settings and sync, put together as <c>DeviceAgent</c> does, without listener and broker.</summary>
internal sealed class Device : IAsyncDisposable
{
    private static readonly TimeSpan s_revival = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stop = new();
    private readonly DataDirectory _directory;
    private readonly ServerHttp _http;
    private readonly List<Task> _running = [];

    private Device(DataDirectory directory, LabClock clock, HttpMessageHandler network)
    {
        _directory = directory;
        Settings = new SettingsService(new SettingsSlots(directory), NullLogger.Instance);
        Store = DeviceStore.Open(
            directory.PathOf("store"), () => new StorePolicy(Settings.Current.EventStore, Settings.Current.VisionEventsBackup), NullLogger.Instance, clock);
        _http = new ServerHttp(new Uri("http://server.lab"), Network.ModelServer.Key, clock, network);

        var status = new SyncStatus(SyncPhase.Disabled, clock);
        var throttle = new Throttle(() => Settings.Current.VisionEventsBackup.MaxBytesPerSecond, clock);
        var routes = new BackupRoutes(_http, throttle, () => Settings.Current.VisionEventsBackup, clock);
        var gate = new RequestGate(() => Settings.Current.VisionEventsBackup.Concurrency);
        var deferrals = new Deferrals(Store, clock);
        var times = new EventClock(directory.PathOf("clock.json"), _http.Clock, Store.Progress().LastSeq, clock);
        var sender = new BatchSender(Store, new ImageUploader(Store, routes, gate, status), routes, gate, status, deferrals, times, "lab-device");
        var reconciler = new Reconciler(Store, routes, status, clock, NullLogger.Instance);
        var sync = new SyncWorker(Store, Settings, sender, gate, deferrals, reconciler, times, status, clock, NullLogger.Instance);
        var trim = new TrimWorker(Store, clock, NullLogger.Instance);
        Store.Arrived += () => sync.Wake(WakeReason.Work);
        Settings.Changed += (_, _) =>
        {
            sync.Wake(WakeReason.Settings);
            trim.RunNow();
        };
        NetworkReturned = () => sync.Wake(WakeReason.Network);
        Start(clock, sync.RunAsync);
        Start(clock, trim.RunAsync);
        Start(clock, token => times.RunAsync(Store, token));
        Start(clock, token => Settings.RunAsync(clock, token));
    }

    public DeviceStore Store { get; }

    public SettingsService Settings { get; }

    public Action NetworkReturned { get; }

    /// <summary>Starts in a folder; null when the disk does not let it, after which a service manager tries again.</summary>
    public static Device? TryStart(string folder, LabClock clock, HttpMessageHandler network)
    {
        var directory = DataDirectory.Take(folder);
        try
        {
            return new Device(directory, clock, network);
        }
        catch (Exception e) when (e is AgentFault or IOException)
        {
            directory.Dispose();
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await Store.DisposeAsync();
        _http.Dispose();
        _directory.Dispose();
        _stop.Dispose();
    }

    // A part that fails is started again, as the agent does.
    private void Start(LabClock clock, Func<CancellationToken, Task> part) => _running.Add(Task.Run(async () =>
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await part(_stop.Token);
            }
            catch (Exception) when (!_stop.IsCancellationRequested)
            {
                await Task.Delay(s_revival, clock, _stop.Token);
            }
        }
    }));
}
