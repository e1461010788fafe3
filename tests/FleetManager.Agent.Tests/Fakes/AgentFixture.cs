using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>A whole agent, enrolled at the fake server by the real enrollment.</summary>
internal sealed class AgentFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentLogging _logging = new();
    private DataDirectory? _directory;
    private DeviceAgent? _agent;

    private AgentFixture(FakeServer server) => Server = server;

    public FakeServer Server { get; }

    public string Folder => _folder.Path;

    public int Port { get; } = FakeBroker.FreePort();

    public HttpClient Client { get; } = new();

    public string DeviceId => Identity.Load(Path.Combine(Folder, Identity.FileName))!.DeviceId!;

    public DeviceAgent Agent => _agent!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<AgentFixture> CreateAsync()
    {
        var fixture = new AgentFixture(await FakeServer.StartAsync(Token));
        fixture._logging.SetLevel(AgentLogLevel.Error);
        return fixture;
    }

    public async Task<Identity> EnrollAsync(string token = "fe_good", string? name = "camera 1")
    {
        using var directory = DataDirectory.Take(Folder);
        return await new Enrollment(directory, TimeProvider.System).RunAsync(Server.Address, token, name, Token);
    }

    /// <summary>Starts the agent and waits until it is connected to the broker.</summary>
    public async Task StartAsync(int? pinnedPort = null)
    {
        _directory = DataDirectory.Take(Folder);
        var connections = Server.Broker.Messages.Count(m => m.Topic.EndsWith("/up/presence", StringComparison.Ordinal));
        _agent = await DeviceAgent.StartAsync(_directory, pinnedPort ?? Port, _logging, TimeProvider.System, Token);
        await Eventually.TrueAsync(() => Server.Broker.Messages.Count(m => m.Topic.EndsWith("/up/presence", StringComparison.Ordinal)) > connections, "connected");
    }

    public async Task StopAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }

        _agent = null;
        _directory?.Dispose();
    }

    public Task SendAsync(DesiredSettings desired) => Server.Broker.SendSettingsAsync(DeviceId, desired);

    public async Task<ReportedSettings> ReportedAsync(Func<ReportedSettings, bool> wanted)
    {
        ReportedSettings? found = null;
        await Eventually.TrueAsync(
            () => (found = Server.Broker.Said(Uplink.Settings, ContractsJson.Default.EnvelopeReportedSettings).Select(e => e.Body).LastOrDefault(wanted)) is not null,
            "reported");
        return found!;
    }

    public SyncReport? LastSync() => Server.Broker.Said(Uplink.Sync, ContractsJson.Default.EnvelopeSyncReport) is [.., var last] ? last.Body : null;

    public async Task<int> PostEventAsync(string json = """{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z"}""")
    {
        using var body = new StringContent(json);
        using var answer = await Client.PostAsync(new Uri($"http://{Agent.Listening}/v2/events"), body, Token);
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Server.DisposeAsync();
        Client.Dispose();
        _logging.Dispose();
        _folder.Dispose();
    }
}
