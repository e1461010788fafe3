using System.Text;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using MQTTnet;
using MQTTnet.Formatter;

namespace FleetManager.Server.Tests.Messaging;

/// <summary>A device reaches its own topics and nothing else, whatever it tries.</summary>
public sealed class IsolationTests(SharedFleet shared) : IClassFixture<SharedFleet>, IAsyncLifetime
{
    private readonly FleetApplication _fleet = shared.Application;
    private TestDevice _a = null!;
    private TestDevice _b = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> ForeignFilters =>
    [
        "#", "+/#", "fleet/#", "fleet/v1/devices/#", "fleet/v1/devices/+/down/#", "fleet/v1/devices/{b}/down/#",
        "fleet/v1/devices/{b}/down/settings", "fleet/v1/devices/{b}/up/#", "fleet/v1/devices/{a}/#", "fleet/v1/devices/{a}/up/#",
        "$share/g/fleet/v1/devices/{b}/down/#", "$share/g/fleet/v1/devices/{a}/down/#", "$SYS/#", "$CONTROL/dynamic-security/v1/response",
        "fleet/v1/devices/{a}/down", "fleet/v1/devices/{a}x/down/#", "Fleet/v1/devices/{a}/down/#",
    ];

    public static TheoryData<string> ForeignTopics =>
    [
        "fleet/v1/devices/{b}/up/presence", "fleet/v1/devices/{b}/up/sync", "fleet/v1/devices/{a}/down/settings", "fleet/v1/devices/{b}/down/settings",
        "fleet/v1/devices/{a}/up/unheard-of", "fleet/v1/devices/{a}/up/presence/more", "$SYS/broker", "$CONTROL/dynamic-security/v1", "anything",
    ];

    public async ValueTask InitializeAsync()
    {
        _a = await _fleet.AddDeviceAsync("a");
        _b = await _fleet.AddDeviceAsync("b");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory, MemberData(nameof(ForeignFilters))]
    public async Task Subscribe_NotOwnDownlinks_IsRefused(string filter)
    {
        await using var five = await FakeAgent.ConnectedAsync(_fleet, _a);
        var refused = Assert.Single((await five.SubscribeAsync(Named(filter))).Items);
        Assert.True(refused.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2, $"{refused.ResultCode}");
        Assert.Equal(0, five.Waiting);

        await using var three = await FakeAgent.ConnectedAsync(_fleet, _a, o => o.WithProtocolVersion(MqttProtocolVersion.V311));
        refused = Assert.Single((await three.SubscribeAsync(Named(filter))).Items);
        Assert.True(refused.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2, $"{refused.ResultCode}");
    }

    [Theory]
    [InlineData("fleet/v1/devices/{a}/down/#", MqttProtocolVersion.V500)]
    [InlineData("fleet/v1/devices/{a}/down/settings", MqttProtocolVersion.V500)]
    [InlineData("fleet/v1/devices/{a}/down/+", MqttProtocolVersion.V311)]
    public async Task Subscribe_OwnDownlinks_HearsOwnSettings(string filter, MqttProtocolVersion version)
    {
        await using var agent = await FakeAgent.ConnectedAsync(_fleet, _a, o => o.WithProtocolVersion(version));

        var granted = Assert.Single((await agent.SubscribeAsync(Named(filter))).Items);

        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, granted.ResultCode);
        Assert.Equal(0, (await agent.SettingsAsync()).Revision);
        Assert.True(agent.LastRetained);
    }

    [Theory, MemberData(nameof(ForeignTopics))]
    public async Task Publish_NotOwnUplink_IsRefusedAndReachesNobody(string topic)
    {
        await using var b = await FakeAgent.ConnectedAsync(_fleet, _b);
        await b.SubscribeAsync();
        await b.SettingsAsync();
        await using var a = await FakeAgent.ConnectedAsync(_fleet, _a);
        var forged = Envelopes.Of(_b, Uplink.Presence, 99, 1, new PresenceReport(PresenceState.Lost, "evil", null), ContractsJson.Default.EnvelopePresenceReport);

        var answer = await a.PublishAsync(Named(topic), forged);

        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, answer.ReasonCode);
        Assert.True(a.Client.IsConnected);
        await b.SayAsync(PresenceState.Online, 1, 1);
        await Poll.UntilAsync(() => PresenceOfAsync(_b), p => p == "online");
        Assert.Equal(0, b.Waiting);
    }

    [Fact]
    public async Task Publish_NotOwnUplinkIn311_EndsTheConnection()
    {
        await using var a = await FakeAgent.ConnectedAsync(_fleet, _a, o => o.WithProtocolVersion(MqttProtocolVersion.V311));
        var ended = new TaskCompletionSource();
        a.Client.DisconnectedAsync += _ =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };

        _ = a.PublishAsync(Named("fleet/v1/devices/{b}/up/presence"), "{}"u8.ToArray());

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Null(await PresenceOfAsync(_b));
    }

    [Fact]
    public async Task Publish_OwnTopicInAnothersName_IsRefusedWithReason()
    {
        await using var a = await FakeAgent.ConnectedAsync(_fleet, _a);
        var forged = Envelopes.Of(_b, Uplink.Presence, 1, 1, new PresenceReport(PresenceState.Online, "1", null), ContractsJson.Default.EnvelopePresenceReport);

        var answer = await a.PublishAsync(Named("fleet/v1/devices/{a}/up/presence"), forged);

        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, answer.ReasonCode);
        Assert.Contains(_b.Id.Value, answer.ReasonString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Will_ForAnotherDevice_ReachesNobody()
    {
        var forged = Envelopes.Of(_b, Uplink.Presence, 99, 1, new PresenceReport(PresenceState.Lost, "evil", null), ContractsJson.Default.EnvelopePresenceReport);
        await using var b = await FakeAgent.ConnectedAsync(_fleet, _b);
        await b.SayAsync(PresenceState.Online, 1, 1);
        var a = await FakeAgent.ConnectedAsync(_fleet, _a, o => o.WithWillTopic(Named("fleet/v1/devices/{b}/up/presence")).WithWillPayload(forged));

        a.Drop();

        await Poll.UntilAsync(() => ConnectedAsync(_a), connected => !connected);
        await b.SayAsync(PresenceState.Offline, 1, 2);
        await Poll.UntilAsync(() => PresenceOfAsync(_b), p => p == "offline");
    }

    [Fact]
    public async Task Connect_ForeignOrEmptyClientId_IsRefused()
    {
        await using var foreign = new FakeAgent(_fleet, _a);
        await using var empty = new FakeAgent(_fleet, _a);
        await using var old = new FakeAgent(_fleet, _a);

        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, (await foreign.ConnectAsync(o => o.WithClientId(_b.Id.Value))).ResultCode);
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, (await empty.ConnectAsync(o => o.WithClientId(""))).ResultCode);
        Assert.Equal(
            MqttClientConnectResultCode.ClientIdentifierNotValid,
            (await old.ConnectAsync(o => o.WithClientId(_b.Id.Value).WithProtocolVersion(MqttProtocolVersion.V311))).ResultCode);
    }

    [Fact]
    public async Task Connect_WrongKeyOrKeyOfAnother_IsRefused()
    {
        await using var wrong = new FakeAgent(_fleet, _a);
        await using var borrowed = new FakeAgent(_fleet, _a);
        await using var none = new FakeAgent(_fleet, _a);

        Assert.Equal(
            MqttClientConnectResultCode.BadUserNameOrPassword,
            (await wrong.ConnectAsync(o => o.WithCredentials(_a.Id.Value, Secret.New(Secret.DeviceKeyPrefix)))).ResultCode);
        Assert.Equal(
            MqttClientConnectResultCode.BadUserNameOrPassword,
            (await borrowed.ConnectAsync(o => o.WithCredentials(_a.Id.Value, _b.Secret))).ResultCode);
        Assert.Equal(
            MqttClientConnectResultCode.BadUserNameOrPassword,
            (await none.ConnectAsync(o => o.WithCredentials(_a.Id.Value, "").WithProtocolVersion(MqttProtocolVersion.V311))).ResultCode);
        Assert.DoesNotContain(_fleet.Logs.Entries, e => e.Contains(_b.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revoke_ConnectedDevice_EndsTheSessionAndKeepsItOut()
    {
        await using var agent = await FakeAgent.ConnectedAsync(_fleet, _a);
        var ended = new TaskCompletionSource();
        agent.Client.DisconnectedAsync += _ =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };

        Assert.True(await _fleet.Service<DeviceService>().RevokeAsync(_fleet.Workspace.Id, _a.Id.Value, "ann", Cancellation));

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await using var again = new FakeAgent(_fleet, _a);
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await again.ConnectAsync()).ResultCode);
    }

    private string Named(string text) => new StringBuilder(text).Replace("{a}", _a.Id.Value).Replace("{b}", _b.Id.Value).ToString();

    private async Task<string?> PresenceOfAsync(TestDevice device)
    {
        await using var db = _fleet.Open();
        return await db.DeviceStatuses.Where(s => s.DeviceKey == device.Key).Select(s => s.Presence).FirstOrDefaultAsync(Cancellation);
    }

    private async Task<bool> ConnectedAsync(TestDevice device)
    {
        await using var db = _fleet.Open();
        return await db.DeviceStatuses.AnyAsync(s => s.DeviceKey == device.Key && s.Connected, Cancellation);
    }
}
