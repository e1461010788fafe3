using System.Net;
using System.Net.Sockets;
using System.Text;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Tests.Control;

public sealed class DeviceAgentTests : IAsyncLifetime
{
    private AgentFixture _fixture = null!;

    private FakeBroker Broker => _fixture.Server.Broker;

    private IReadOnlyList<Envelope<PresenceReport>> Presence => Broker.Said(Uplink.Presence, ContractsJson.Default.EnvelopePresenceReport);

    public async ValueTask InitializeAsync()
    {
        _fixture = await AgentFixture.CreateAsync();
        await _fixture.EnrollAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task MainJob_SettingsByMqtt_ThenEventsByRest()
    {
        await _fixture.StartAsync();
        Assert.Equal(201, await _fixture.PostEventAsync());
        Assert.Equal(201, await _fixture.PostEventAsync());
        await Eventually.TrueAsync(() => _fixture.LastSync() is { PendingRecords: 2, Phase: SyncPhase.Disabled }, "pending is shown");

        await _fixture.SendAsync(Documents.Backup(1));

        Assert.Equal(SettingsState.Applied, (await _fixture.ReportedAsync(r => r.Revision == 1)).State);
        await Eventually.TrueAsync(() => _fixture.LastSync() is { PendingRecords: 0, BackedUpRecords: 2, AckedThrough: 2, Phase: SyncPhase.Idle }, "synced");
        Assert.Equal(2, _fixture.Server.Events.Count);
    }

    [Fact]
    public async Task Settings_OfTheWrongKind_AreRefusedWithAReasonAndTheNextWork()
    {
        await _fixture.StartAsync();
        await Broker.SendAsync(_fixture.DeviceId, "{ not json"u8.ToArray());
        Assert.Equal("json", (await _fixture.ReportedAsync(r => r.State == SettingsState.Rejected)).Fault!.Code);

        await Broker.SendAsync(_fixture.DeviceId, """{"v":2,"type":"settings"}"""u8.ToArray());
        await _fixture.ReportedAsync(r => r.Fault is { Path: "body" or "v" });

        await _fixture.SendAsync(Documents.Backup(5));
        Assert.Equal(SettingsState.Applied, (await _fixture.ReportedAsync(r => r.Revision == 5)).State);
    }

    [Fact]
    public async Task Settings_MovingToATakenPort_AreRejectedAndTheStoreStaysReachable()
    {
        await _fixture.StopAsync();
        _fixture.Server.Desired = Documents.Of(1, $$$"""{"eventStore":{"port":{{{_fixture.Port}}}}}""");
        using var directory = DataDirectory.Take(_fixture.Folder);
        var settings = new SettingsService(new SettingsSlots(directory), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await settings.ApplyAsync(_fixture.Server.Desired, TestContext.Current.CancellationToken);
        using var logging = new AgentLogging();
        await using var agent = await DeviceAgent.StartAsync(directory, null, logging, TimeProvider.System, TestContext.Current.CancellationToken);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        await _fixture.SendAsync(Documents.Of(2, $$$"""{"eventStore":{"port":{{{((IPEndPoint)other.LocalEndpoint).Port}}}}}"""));

        var section = (await _fixture.ReportedAsync(r => r.Revision == 2)).Sections["eventStore"];
        Assert.Equal((SettingsState.Rejected, "apply", "port", 1L), (section.State, section.Code, section.Path, section.EffectiveRevision));
        Assert.Equal(_fixture.Port, agent.Listening!.Port);
    }

    [Fact]
    public async Task Start_PortTaken_NamesTheSetting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.StartAsync(((IPEndPoint)other.LocalEndpoint).Port));

        Assert.Contains("eventStore.port", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortTakenButChangedInTheConsoleSince_ListensThere()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var directory = DataDirectory.Take(_fixture.Folder);
        using var logging = new AgentLogging();
        var settings = new SettingsService(new SettingsSlots(directory), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await settings.ApplyAsync(Documents.Of(1, $$$"""{"eventStore":{"port":{{{((IPEndPoint)other.LocalEndpoint).Port}}}}}"""), TestContext.Current.CancellationToken);
        _fixture.Server.Desired = Documents.Of(2, $$$"""{"eventStore":{"port":{{{_fixture.Port}}}}}""");

        await using var agent = await DeviceAgent.StartAsync(directory, null, logging, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(_fixture.Port, agent.Listening!.Port);
    }

    [Fact]
    public async Task Stop_OnPurpose_SaysOfflineLast()
    {
        await _fixture.StartAsync();
        await _fixture.StopAsync();

        await Eventually.TrueAsync(() => Presence.Count >= 2, "goodbye");
        Assert.Equal([PresenceState.Online, PresenceState.Offline], Presence.Select(p => p.Body.State));
        Assert.True(Presence[1].Seq > Presence[0].Seq);
        Assert.Equal(Presence[0].Boot, Presence[1].Boot);
    }

    [Fact]
    public async Task Stop_WhileAProducerSends_AnswersItAndTellsTheServer()
    {
        await _fixture.StartAsync();
        using var producer = new TcpClient("127.0.0.1", _fixture.Port);
        using var stream = new StreamReader(producer.GetStream());
        var body = """{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z"}""";
        await producer.Client.SendAsync(Encoding.ASCII.GetBytes($"POST /v2/events HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {body.Length}\r\n\r\n"));

        // It waits for the body now.
        Assert.StartsWith("HTTP/1.1 100", await stream.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await stream.ReadLineAsync(TestContext.Current.CancellationToken);
        var stopping = _fixture.StopAsync();
        await producer.Client.SendAsync(Encoding.ASCII.GetBytes(body));

        Assert.StartsWith("HTTP/1.1 201", await stream.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await stopping;
        Assert.Equal(["agent_started", "agent_stopped"], _fixture.Server.DeviceEvents.DistinctBy(e => e.Seq).Select(e => e.Event));

        // The last report counted it, before the goodbye.
        var said = Broker.Messages.Select(m => m.Topic.Split('/')[^1]).ToList();
        Assert.Equal("presence", said[^1]);
        Assert.Equal(1, _fixture.LastSync()!.PendingRecords);
        await _fixture.StartAsync();
        await Eventually.TrueAsync(async () => (await StatusSocket.AskAsync(_fixture.Folder, TestContext.Current.CancellationToken))?.Sync.PendingRecords == 1, "kept");
    }

    [Fact]
    public async Task Store_FullAndFreeAgain_IsTold()
    {
        await _fixture.StartAsync();
        await _fixture.SendAsync(Documents.Of(1, """{"eventStore":{"minFreeDiskBytes":1125899906842624}}"""));
        await Eventually.TrueAsync(() => _fixture.Server.DeviceEvents.Any(e => e is { EntityType: "event_store", Event: "capacity_blocked" }), "blocked");

        await _fixture.SendAsync(Documents.Of(2, """{"eventStore":{"minFreeDiskBytes":0}}"""));

        await Eventually.TrueAsync(() => _fixture.Server.DeviceEvents.Any(e => e.Event == "capacity_cleared"), "cleared");
        Assert.Equal(2, _fixture.Server.DeviceEvents.Where(e => e.Event == "settings_applied").DistinctBy(e => e.Seq).Count());
    }

    [Fact]
    public async Task Connection_Cut_IsMadeAgainAndTheStateSaidAgain()
    {
        await _fixture.StartAsync();
        await _fixture.SendAsync(Documents.Backup(1));
        await _fixture.ReportedAsync(r => r.Revision == 1);
        Broker.Messages.Clear();

        await Broker.DropClientsAsync();

        await Eventually.TrueAsync(() => Presence.Any(p => p.Body.State == PresenceState.Online), "online again");
        await _fixture.ReportedAsync(r => r.Revision == 1);
        await Eventually.TrueAsync(() => _fixture.LastSync() is not null, "sync said again");

        // The will of the old connection belongs between its birth and the next one's.
        var lost = Presence.FirstOrDefault(p => p.Body.State == PresenceState.Lost);
        Assert.True(lost is null || lost.Seq < Presence.Last(p => p.Body.State == PresenceState.Online).Seq);
    }

    [Fact]
    public async Task Restart_CountsTheBootAndKeepsTheEpoch()
    {
        await _fixture.StartAsync();
        await Eventually.TrueAsync(() => _fixture.LastSync() is not null, "said");
        var (boot, epoch) = (Presence[0].Boot, _fixture.LastSync()!.Epoch);
        await _fixture.StopAsync();
        Broker.Messages.Clear();

        await _fixture.StartAsync();

        await Eventually.TrueAsync(() => _fixture.LastSync() is not null, "said");
        Assert.Equal((boot + 1, epoch), (Presence[0].Boot, _fixture.LastSync()!.Epoch));
    }

    [Fact]
    public async Task Telemetry_AsOftenAsTheSettingsAsk_IsSaid()
    {
        await _fixture.StartAsync();
        await _fixture.SendAsync(Documents.Of(1, """{"telemetry":{"intervalSeconds":1}}"""));

        await Eventually.TrueAsync(() => Broker.Said(Uplink.Telemetry, ContractsJson.Default.EnvelopeTelemetrySample).Count > 0, "telemetry");

        var sample = Broker.Said(Uplink.Telemetry, ContractsJson.Default.EnvelopeTelemetrySample)[0].Body;
        Assert.True(sample.DiskTotalBytes > 0);
        Assert.InRange(sample.CpuPercent ?? 0, 0, 100);
        Assert.True(!OperatingSystem.IsLinux() || sample.MemoryTotalBytes > sample.MemoryUsedBytes);
    }

    [Fact]
    public async Task Status_OfARunningAgent_ComesFromItsSocket()
    {
        await _fixture.StartAsync();
        await _fixture.PostEventAsync();

        var status = await StatusSocket.AskAsync(_fixture.Folder, TestContext.Current.CancellationToken);

        Assert.Equal((true, _fixture.DeviceId, "connected", 1L), (status!.Running, status.DeviceId, status.Mqtt, status.Sync.PendingRecords));
    }
}
