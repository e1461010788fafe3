using System.Text.Json.Serialization.Metadata;
using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.LocalApi;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent;

/// <summary>One agent, put together by hand: store, local API, control and sync of one device. Several may live in one process.</summary>
internal sealed partial class DeviceAgent : IAsyncDisposable
{
    private static readonly TimeSpan s_revival = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _owned = [];
    private readonly List<Task> _workers = [];
    private readonly AgentLogging _logging;
    private readonly TimeProvider _time;
    private readonly Identity _identity;
    private readonly SettingsService _settings;
    private readonly DeviceStore _store;
    private readonly EventsApi _events;
    private readonly LocalApiServer _localApi;
    private readonly ServerHttp _http;
    private Func<Task> _farewell = () => Task.CompletedTask;

    private DeviceAgent(DataDirectory directory, Identity identity, int? pinnedPort, AgentLogging logging, TimeProvider time)
    {
        (_logging, _time, _identity) = (logging, time, identity);
        _settings = new SettingsService(new SettingsSlots(directory), Logger<SettingsService>());
        _store = DeviceStore.Open(
            directory.PathOf("store"), () => new StorePolicy(_settings.Current.EventStore, _settings.Current.VisionEventsBackup), Logger<DeviceStore>(), time);
        _http = Own(new ServerHttp(new Uri(identity.Server), identity.DeviceKey, time));
        _events = Own(new EventsApi(_store, time, Logger<EventsApi>()));
        _localApi = new LocalApiServer(_events, pinnedPort, logging.Factory);
        _settings.ApplyEventStore = _localApi.ApplyAsync;
        _settings.Pinned = wanted => pinnedPort is { } port && port != wanted.EventStore.Port ? ["eventStore.port"] : [];
    }

    /// <summary>Where its Event Store API listens; null when the settings switched it off.</summary>
    public ListenAddress? Listening => _localApi.Listening;

    /// <summary>True; or it does not come back, because the store or the thread pool hangs.</summary>
    public bool IsAlive() => _store.Progress().LastSeq >= 0;

    /// <summary>Starts the agent of an enrolled directory; when this returns, events are taken.</summary>
    public static async Task<DeviceAgent> StartAsync(
        DataDirectory directory, int? pinnedPort, AgentLogging logging, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Identity.Load(directory.PathOf(Identity.FileName)) is not { Proved: true } identity)
        {
            throw new AgentFault($"no device is enrolled in {directory.Root}: run fleet-agent enroll --server URL --token TOKEN --data-dir {directory.Root} first");
        }

        var agent = new DeviceAgent(directory, identity, pinnedPort, logging, time);
        try
        {
            await agent.ListenAsync(cancellationToken);
            agent.StartWorkers(directory);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers who still waits, writes down what is under way, and tells the broker and the server; within 15 s whatever hangs.</summary>
    public async ValueTask DisposeAsync()
    {
        // First the producers: what they were promised is on disk then, and the last report counts it.
        await _localApi.DisposeAsync();
        await _farewell();

        // Settings that came meanwhile may have opened it again.
        await _localApi.DisposeAsync();
        await _store.DisposeAsync();
        _owned.ForEach(o => o.Dispose());
        _stop.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (await _localApi.ApplyAsync(_settings.Current.EventStore, cancellationToken) is not { } fault)
        {
            return;
        }

        // The console may have named another port since; without this a device whose port is taken could never be helped.
        if ((await new AgentRoutes(_http).SettingsAsync(cancellationToken)).Value is { } desired)
        {
            await _settings.ApplyAsync(desired, cancellationToken);
        }

        if (_localApi.Listening is null && _settings.Current.EventStore.Enabled)
        {
            throw new AgentFault($"{fault.Message} in the console, or start with --port");
        }
    }

    private void StartWorkers(DataDirectory directory)
    {
        var boot = BootCounter.Next(directory, _time);
        var uplinks = new Uplinks(_identity.Device(), boot, _time);
        var link = new MqttLink(_identity, uplinks, _settings, HardwareProbe.Read(directory.Root), _time, Logger<MqttLink>());
        var fallback = new RestFallback(new AgentRoutes(_http), _settings, uplinks, link, _time, Logger<RestFallback>());
        var lines = Ring("log", boot, RingSize.Log, ContractsJson.Default.LogLine, directory);
        var happenings = Ring("lifecycle", boot, RingSize.Lifecycle, ContractsJson.Default.DeviceHappening, directory);
        var log = new LogWorker(lines, new AgentRoutes(_http), _time, Logger<LogWorker>());
        var lifecycle = new Lifecycle(happenings, boot, _time);
        var events = new LifecycleWorker(happenings, lifecycle, new AgentRoutes(_http), _time, Logger<LifecycleWorker>());
        var capacity = new CapacityWatch(_store, lifecycle, _time);
        var telemetry = new TelemetryWorker(new TelemetryReader(directory.Root), _settings, uplinks, _time);
        var trim = new TrimWorker(_store, _time, Logger<TrimWorker>());

        var status = new SyncStatus(_settings.Current.VisionEventsBackup.Enabled ? SyncPhase.Idle : SyncPhase.Disabled, _time);
        var throttle = new Throttle(BytesPerSecond, _time);
        var routes = new BackupRoutes(_http, throttle, () => _settings.Current.VisionEventsBackup, _time);
        var gate = new RequestGate(() => _settings.Current.VisionEventsBackup.Concurrency);
        var deferrals = new Deferrals(_store, _time);
        var clock = new EventClock(directory.PathOf("clock.json"), _http.Clock, _store.Progress().LastSeq, _time);
        var sender = new BatchSender(_store, new ImageUploader(_store, routes, gate, status), routes, gate, status, deferrals, clock, _identity.DeviceId!);
        var reconciler = new Reconciler(_store, routes, status, _time, Logger<Reconciler>());
        var sync = new SyncWorker(_store, _settings, sender, gate, deferrals, reconciler, clock, status, _time, Logger<SyncWorker>());
        var reporter = new SyncReporter(_store, _settings, status, _http.Clock, _time);
        var socket = Own(new StatusSocket(directory, () => Status(link, reporter), Logger<StatusSocket>()));

        (_events.BackUpNow, _events.Phase) = (() => sync.Wake(WakeReason.Work | WakeReason.Network), () => status.Snapshot().Phase);
        _store.Arrived += () => sync.Wake(WakeReason.Work);
        link.Connected += () => sync.Wake(WakeReason.Network);
        fallback.Reached += () => sync.Wake(WakeReason.Network);
        Own(new NetworkWatch(() => sync.Wake(WakeReason.Network)));
        _settings.Decided += uplinks.Say;
        _settings.Decided += lifecycle.Decided;
        _settings.Changed += (_, now) =>
        {
            _logging.SetLevel(now.Logging.Level);
            sync.Wake(WakeReason.Settings);
            trim.RunNow();
        };

        _logging.SetLevel(_settings.Current.Logging.Level);
        if (_settings.Report is { } report)
        {
            uplinks.Say(report);
        }

        _logging.Lines.Attach(lines);
        lifecycle.Started(AgentVersion.Current, TimeSpan.FromMilliseconds(Environment.TickCount64));
        _farewell = async () =>
        {
            var isConnected = link.DownFor == TimeSpan.Zero;
            lifecycle.Stopped();
            try
            {
                uplinks.Say(reporter.Build());
            }
            catch (Exception e)
            {
                // A store that can not be read must not keep the agent from stopping.
                Log.NoLastReport(Logger<DeviceAgent>(), e);
            }

            await StopWorkersAsync();
            if (isConnected)
            {
                using var patience = new CancellationTokenSource(s_goodbye, _time);
                await Task.WhenAll(events.SendAsync(patience.Token), log.SendAsync(patience.Token)).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            _logging.Lines.Attach(null);
        };
        Start("mqtt", link.RunAsync);
        Start("settings", token => _settings.RunAsync(_time, token));
        Start("sync", sync.RunAsync);
        Start("clock", token => clock.RunAsync(_store, token));
        Start("report", token => reporter.RunAsync(uplinks, token));
        Start("telemetry", telemetry.RunAsync);
        Start("trim", trim.RunAsync);
        Start("usage", new UsageWorker(_store, _time).RunAsync);
        Start("fallback", fallback.RunAsync);
        Start("log", log.RunAsync);
        Start("lifecycle", events.RunAsync);
        Start("capacity", capacity.RunAsync);
        Start("status", socket.RunAsync);
    }

    private StatusDocument Status(MqttLink link, SyncReporter reporter) => new(
        true, AgentVersion.Current, _identity.DeviceId, _identity.Name, _identity.Workspace, _identity.Server,
        link.State, Listening?.ToString(), _settings.Revision, _settings.Report?.State, reporter.Build());

    private async Task StopWorkersAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private LineRing<T> Ring<T>(string folder, long boot, RingSize size, JsonTypeInfo<T> type, DataDirectory directory)
        where T : class
    {
        var path = directory.PathOf(folder);
        try
        {
            return Own(new LineRing<T>(path, boot, size, type));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"{path} can not be read ({e.Message}): give this user the right to read and write it, or delete it", e);
        }
    }

    private long BytesPerSecond() => _settings.Current.VisionEventsBackup.MaxBytesPerSecond;

    private ILogger Logger<T>() => _logging.Factory.CreateLogger<T>();

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private void Start(string name, Func<CancellationToken, Task> worker) => _workers.Add(Task.Run(() => SuperviseAsync(name, worker)));

    // No part takes the others down: a device whose telemetry or report fails must still take and send events.
    private async Task SuperviseAsync(string name, Func<CancellationToken, Task> worker)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await worker(_stop.Token);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Died(Logger<DeviceAgent>(), name, e);
                await Task.Delay(s_revival, _time, _stop.Token);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The part {Name} failed and starts again")]
        public static partial void Died(ILogger logger, string name, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The last report could not be made")]
        public static partial void NoLastReport(ILogger logger, Exception exception);
    }
}
