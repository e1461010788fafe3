using System.Text;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using MQTTnet;

namespace FleetManager.Server.Tests.Messaging;

/// <summary>The life of a device's session, end to end: what it says, what it hears, and how it ends.</summary>
public sealed class SessionTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    private static readonly Topics s_topics = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Settings_SavedWhileConnected_AreSentAppliedAndShown(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var settings = fleet.Service<SettingsService>();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        await agent.SubscribeAsync();
        Assert.Equal(0, (await agent.SettingsAsync()).Revision);
        var told = new SemaphoreSlim(0);
        using var subscription = fleet.Service<ChangeFeed>().Subscribe(c => c.Id == device.Id.Value, () =>
        {
            told.Release();
            return Task.CompletedTask;
        });

        Assert.IsType<SaveResult.Saved>(await settings.SaveAsync(fleet.Workspace.Id, device.Id.Value, 0, Json("""{"visionEventsBackup":{"batchSize":7}}"""), "ann", Cancellation));
        var desired = await agent.SettingsAsync();
        Assert.Equal((1, 7), (desired.Revision, desired.Sections.GetProperty("visionEventsBackup").GetProperty("batchSize").GetInt32()));
        Assert.Equal(CanonicalJson.Hash(desired.Sections), desired.Hash);
        Assert.Equal(SettingsProgress.Sent, (await settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!.Progress);

        await agent.SayAppliedAsync(desired, 1, 1);

        var shown = await Poll.UntilAsync(
            () => settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation), v => v!.Progress == SettingsProgress.Applied);
        Assert.Equal("ann", shown!.IssuedBy);
        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Settings_SavedWhileAway_WaitAndComeWithTheSubscription()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var settings = fleet.Service<SettingsService>();
        await settings.SaveAsync(fleet.Workspace.Id, device.Id.Value, 0, Json("""{"telemetry":{"intervalSeconds":5}}"""), "ann", Cancellation);
        Assert.Equal(SettingsProgress.Pending, (await settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!.Progress);

        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        Assert.Equal(SettingsProgress.Pending, (await settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!.Progress);
        await agent.SubscribeAsync();

        Assert.Equal(1, (await agent.SettingsAsync()).Revision);
        Assert.True(agent.LastRetained);
    }

    [Fact]
    public async Task Settings_NextRevisionWhileOneIsApplied_OnlyTheNewestCountsAsApplied()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var settings = fleet.Service<SettingsService>();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        await agent.SubscribeAsync();
        await agent.SettingsAsync();
        await settings.SaveAsync(fleet.Workspace.Id, device.Id.Value, 0, Json("""{"telemetry":{"intervalSeconds":5}}"""), "ann", Cancellation);
        var first = await agent.SettingsAsync();

        await settings.SaveAsync(fleet.Workspace.Id, device.Id.Value, 1, Json("""{"telemetry":{"intervalSeconds":6}}"""), "ben", Cancellation);
        await agent.SayAppliedAsync(first, 1, 1);
        var late = await Poll.UntilAsync(() => settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation), v => v!.Reported is not null);
        Assert.Equal((SettingsProgress.Sent, 1L), (late!.Progress, late.Reported!.Revision));

        await agent.SayAsync(FakeAgent.Applied(await agent.SettingsAsync()) with { Hash = "sha256:other" }, 1, 2);
        await Poll.UntilAsync(() => settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation), v => v!.Reported!.Revision == 2);
        Assert.Equal(SettingsProgress.Sent, (await settings.GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!.Progress);
    }

    [Fact]
    public async Task Settings_SavedManyTimesQuickly_TheLastArrives()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        await agent.SubscribeAsync();
        for (var revision = 0; revision < 20; revision++)
        {
            await fleet.Service<SettingsService>().SaveAsync(
                fleet.Workspace.Id, device.Id.Value, revision, Json($$$"""{"telemetry":{"intervalSeconds":{{{revision}}}}}"""), "ann", Cancellation);
        }

        while ((await agent.SettingsAsync()).Revision < 20)
        {
        }
    }

    [Theory, DatabaseData]
    public async Task Uplinks_OlderPosition_ChangeNothing(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        await agent.SayAsync(Report(5), 2, 10);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.PendingRecords == 5);

        await agent.SayAsync(Report(6), 2, 10);
        await agent.SayAsync(Report(7), 2, 9);
        await agent.SayAsync(Report(8), 1, 99);
        await agent.SayAsync(PresenceState.Online, 2, 11);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.Presence == "online");

        Assert.Equal(5, (await StatusAsync(fleet, device))!.PendingRecords);
        await agent.SayAsync(Report(9), 3, 1);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.PendingRecords == 9);
    }

    [Fact]
    public async Task Will_OfALostConnection_MakesTheDeviceLost()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var agent = await FakeAgent.ConnectedAsync(fleet, device, Will(device, 1, 2));
        await agent.SayAsync(PresenceState.Online, 1, 1);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { Presence: "online", Connected: true });

        agent.Drop();

        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { Presence: "lost", Connected: false });
    }

    [Fact]
    public async Task Will_OlderThanTheLastBirth_IsIgnored()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var agent = await FakeAgent.ConnectedAsync(fleet, device, Will(device, 1, 2));
        await agent.SayAsync(PresenceState.Online, 2, 1);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.Presence == "online");

        agent.Drop();

        var ended = await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { Connected: false });
        Assert.Equal(("online", 2L), (ended!.Presence, ended.PresenceBoot));
    }

    [Fact]
    public async Task Connect_WhileASessionIsOpen_TakesOverAndStaysConnected()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using var first = await FakeAgent.ConnectedAsync(fleet, device, Will(device, 1, 2));
        var ended = new TaskCompletionSource<MqttClientDisconnectReason>();
        first.Client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args.Reason);
            return Task.CompletedTask;
        };
        await first.SayAsync(PresenceState.Online, 1, 1);

        await using var second = await FakeAgent.ConnectedAsync(fleet, device);
        await second.SubscribeAsync();

        Assert.Equal(MqttClientDisconnectReason.SessionTakenOver, await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        await second.SettingsAsync();
        await second.SayAsync(PresenceState.Online, 2, 1);
        var status = await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { PresenceBoot: 2 });
        Assert.True(status!.Connected);
        await fleet.Service<SettingsService>().SaveAsync(fleet.Workspace.Id, device.Id.Value, 0, Json("{}"), "ann", Cancellation);
        Assert.Equal(1, (await second.SettingsAsync()).Revision);
    }

    [Theory]
    [InlineData("not JSON", "sync")]
    [InlineData("[]", "sync")]
    [InlineData("""{"v":2,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{}}""", "v is 2")]
    [InlineData("""{"v":1,"type":"presence","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001"}}""", "type is 'presence'")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"someone","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001"}}""", "deviceId is 'someone'")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":0,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001"}}""", "count from 1")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z"}""", "body is missing")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001","phase":77}}""", "body.phase")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001","parked_reasons":[null]}}""", "body.parked_reasons")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001","phase":"flying"}}""", "phase")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001","last_error":{"code":"\u0000"}}}""", "NUL")]
    [InlineData("""{"v":1,"type":"sync","deviceId":"{id}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":{"epoch":"00000000-0000-0000-0000-000000000001","in_per_s":1e999}}""", "double")]
    public async Task Uplink_Malformed_IsRefusedWithReasonAndNothingElseStops(string payload, string reason)
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);

        var bytes = Encoding.UTF8.GetBytes(payload.Replace("{id}", device.Id.Value, StringComparison.Ordinal));
        var answer = await agent.PublishAsync(s_topics.Up(device.Id, Uplink.Sync), bytes);
        await agent.PublishAsync(s_topics.Up(device.Id, Uplink.Sync), bytes);

        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, answer.ReasonCode);
        Assert.Contains(reason, answer.ReasonString, StringComparison.Ordinal);
        Assert.Single(fleet.Logs.Entries, e => e.Contains($"A message of device {device.Id} on", StringComparison.Ordinal));
        await agent.SayAsync(Report(3), 1, 1);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.PendingRecords == 3);
    }

    [Theory, DatabaseData]
    public async Task Uplink_OfADeviceThatIsGone_DoesNotHoldUpTheOthers(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var statuses = fleet.Service<StatusWriter>();

        statuses.Connection(new DeviceRef(4711, fleet.Workspace.Id, DeviceId.New(TimeProvider.System)), open: true);
        statuses.Connection(new DeviceRef(device.Key, fleet.Workspace.Id, device.Id), open: true);

        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { Connected: true });
    }

    [Fact]
    public async Task Uplink_UnknownMembers_AreIgnored()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        var payload = $$$$"""
            {"v":1,"type":"sync","deviceId":"{{{{device.Id}}}}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","trace":"x",
            "body":{"epoch":"00000000-0000-0000-0000-000000000001","pending_records":4,"mood":{"deep":[1]}}}
            """;

        var answer = await agent.PublishAsync(s_topics.Up(device.Id, Uplink.Sync), Encoding.UTF8.GetBytes(payload));

        Assert.Equal(MqttClientPublishReasonCode.Success, answer.ReasonCode);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s?.PendingRecords == 4);
    }

    [Fact]
    public async Task ServerStart_DevicesThatWereConnected_AreUnknownNotOffline()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        await agent.SayAsync(PresenceState.Online, 1, 1);
        await Poll.UntilAsync(() => StatusAsync(fleet, device), s => s is { Presence: "online", Connected: true });

        // What the next start does first; the sessions of this one are as good as gone.
        await fleet.Service<StatusWriter>().ForgetConnectionsAsync(Cancellation);

        var view = await fleet.Service<DeviceService>().FindAsync(fleet.Workspace.Id, device.Id.Value, Cancellation);
        Assert.Equal(PresenceKind.Unknown, view!.Presence.State);
        Assert.NotNull(view.Presence.LastProofAt);
    }

    private static Action<MqttClientOptionsBuilder> Will(TestDevice device, long boot, long seq) => options => options
        .WithWillTopic(s_topics.Up(device.Id, Uplink.Presence))
        .WithWillPayload(Envelopes.Of(device, Uplink.Presence, boot, seq, new PresenceReport(PresenceState.Lost, "1.0.0", null), ContractsJson.Default.EnvelopePresenceReport));

    private static SyncReport Report(long pending) => new() { Epoch = Guid.Parse("00000000-0000-0000-0000-000000000001"), PendingRecords = pending, Phase = SyncPhase.Uploading };

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static async Task<DeviceStatus?> StatusAsync(FleetApplication fleet, TestDevice device)
    {
        await using var db = fleet.Open();
        return await db.DeviceStatuses.AsNoTracking().FirstOrDefaultAsync(s => s.DeviceKey == device.Key, Cancellation);
    }
}
