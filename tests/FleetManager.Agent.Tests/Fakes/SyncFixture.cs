using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>The sync of one device against the fake server, under a clock that the test moves.</summary>
internal sealed class SyncFixture : IAsyncDisposable
{
    public const string Device = "device-1";
    private const string Key = "fd_key";

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ServerHttp _http;
    private readonly DataDirectory _directory;
    private readonly SyncWorker _worker;
    private Task _running = Task.CompletedTask;

    private SyncFixture(FakeServer server, string start)
    {
        Server = server;
        Time = new FakeTimeProvider(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture));
        server.Now = Time.GetUtcNow;
        server.AddDevice(Device, Key);
        _directory = DataDirectory.Take(_folder.Path);
        Settings = new SettingsService(new SettingsSlots(_directory), NullLogger.Instance);
        Store = DeviceStore.Open(
            Path.Combine(_folder.Path, "store"),
            () => new StorePolicy(Settings.Current.EventStore with { MinFreeDiskBytes = 0 }, Settings.Current.VisionEventsBackup),
            NullLogger.Instance,
            Time);
        Status = new SyncStatus(SyncPhase.Disabled, Time);
        _http = new ServerHttp(server.Address, Key, Time);
        Func<long> rate = () => Settings.Current.VisionEventsBackup.MaxBytesPerSecond;
        var routes = new BackupRoutes(_http, new Throttle(rate, Time), () => Settings.Current.VisionEventsBackup, Time);
        Gate = new RequestGate(() => Settings.Current.VisionEventsBackup.Concurrency);
        var deferrals = new Deferrals(Store, Time);
        Clock = new EventClock(Path.Combine(_folder.Path, "clock.json"), _http.Clock, Store.Progress().LastSeq, Time);
        var sender = new BatchSender(Store, new ImageUploader(Store, routes, Gate, Status), routes, Gate, Status, deferrals, Clock, Device);
        var reconciler = new Reconciler(Store, routes, Status, Time, NullLogger.Instance);
        _worker = new SyncWorker(Store, Settings, sender, Gate, deferrals, reconciler, Clock, Status, Time, NullLogger.Instance);
        Store.Arrived += () => Wake(WakeReason.Work);
        Settings.Changed += (_, _) => Wake(WakeReason.Settings);
    }

    public FakeServer Server { get; }

    public FakeTimeProvider Time { get; }

    public SettingsService Settings { get; }

    public DeviceStore Store { get; }

    public ServerHttp Http => _http;

    public SyncStatus Status { get; }

    public RequestGate Gate { get; }

    public EventClock Clock { get; }

    public SyncPhase Phase => Status.Snapshot().Phase;

    /// <param name="start">What the device's clock shows, and the server's until the test says otherwise.</param>
    public static async Task<SyncFixture> CreateAsync(string start = "2026-01-05T12:00:00Z") => new(await FakeServer.StartAsync(TestContext.Current.CancellationToken), start);

    /// <summary>Puts settings into force; the worker, once started, sees them at once.</summary>
    public Task ApplyAsync(DesiredSettings desired) => Settings.ApplyAsync(desired, TestContext.Current.CancellationToken);

    public void Start() => _running = _worker.RunAsync(_stop.Token);

    public void Wake(WakeReason reason) => _worker.Wake(reason);

    /// <summary>Lets the clock run until something is true; whoever waits for time gets it.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="whileBusy">Whether it runs while the server works: then requests are given up, however fast the server is.</param>
    public async Task PassTimeUntilAsync(Func<bool> condition, string what, bool whileBusy = true)
    {
        try
        {
            await Eventually.TrueAsync(
                () =>
                {
                    Time.Advance(whileBusy || Server.Busy == 0 ? TimeSpan.FromSeconds(whileBusy ? 5 : 1) : TimeSpan.Zero);
                    return condition();
                },
                what);
        }
        catch (Xunit.Sdk.TrueException e)
        {
            throw new InvalidOperationException($"{Status.Snapshot()} {Status.PauseLeft} {Store.Stats()} {Gate.Limit}", e);
        }
    }

    public async Task AcceptAsync(int count, string? useCase = "line", params string[] pictures)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(AcceptResult.Accepted, await Store.AcceptAsync(Arrivals.New(useCase, pictures: pictures), TestContext.Current.CancellationToken));
        }
    }

    public Task DrainedAsync() => Eventually.TrueAsync(() => Store.Stats().Pending == 0, $"drained; {Store.Stats()} {Status.Snapshot()}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Store.DisposeAsync();
        _http.Dispose();
        _directory.Dispose();
        await Server.DisposeAsync();
        _stop.Dispose();
        _folder.Dispose();
    }
}
