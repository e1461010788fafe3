using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.LocalApi;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent;

/// <summary>One agent, put together by hand: store, local API, control and sync of one device. Several may live in one process.</summary>
internal sealed partial class DeviceAgent : IAsyncDisposable
{
    private static readonly TimeSpan s_revival = TimeSpan.FromSeconds(5);

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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
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
        var log = new LogWorker(_logging.Lines, new AgentRoutes(_http), boot, _time, Logger<LogWorker>());
        var telemetry = new TelemetryWorker(new TelemetryReader(directory.Root), _settings, uplinks, _time);
        var trim = new TrimWorker(_store, _time, Logger<TrimWorker>());

        var status = new SyncStatus(_settings.Current.VisionEventsBackup.Enabled ? SyncPhase.Idle : SyncPhase.Disabled, _time);
        var throttle = new Throttle(BytesPerSecond, _time);
        var routes = new BackupRoutes(_http, throttle, () => _settings.Current.VisionEventsBackup);
        var deferrals = new Deferrals(_store, _time);
        var sender = new BatchSender(_store, new ImageUploader(_store, routes, status), routes, status, deferrals, _identity.DeviceId!);
        var sync = new SyncWorker(_store, _settings, sender, deferrals, new Reconciler(_store, routes, _time, Logger<Reconciler>()), status, _time, Logger<SyncWorker>());
        var reporter = new SyncReporter(_store, _settings, status, _time);
        var socket = Own(new StatusSocket(directory, () => Status(link, reporter), Logger<StatusSocket>()));

        (_events.BackUpNow, _events.Phase) = (() => sync.Wake(WakeReason.Work | WakeReason.Network), () => status.Snapshot().Phase);
        _store.Arrived += () => sync.Wake(WakeReason.Work);
        link.Connected += () => sync.Wake(WakeReason.Network);
        _settings.Decided += uplinks.Say;
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

        Start("mqtt", link.RunAsync);
        Start("settings", token => _settings.RunAsync(_time, token));
        Start("sync", sync.RunAsync);
        Start("report", token => reporter.RunAsync(uplinks, token));
        Start("telemetry", telemetry.RunAsync);
        Start("trim", trim.RunAsync);
        Start("usage", new UsageWorker(_store, _time).RunAsync);
        Start("fallback", fallback.RunAsync);
        Start("log", log.RunAsync);
        Start("status", socket.RunAsync);
    }

    private StatusDocument Status(MqttLink link, SyncReporter reporter) => new(
        true, AgentVersion.Current, _identity.DeviceId, _identity.Name, _identity.Workspace, _identity.Server,
        link.State, Listening?.ToString(), _settings.Revision, _settings.Report?.State, reporter.Build());

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
    }
}
