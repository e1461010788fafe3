using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Messaging;
using FleetManager.Server.Tests.Hosting;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace FleetManager.Server.Tests.Messaging;

/// <summary>A device's side of the broker, spoken by a real MQTT client.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private static readonly Topics s_topics = new();
    private readonly TestDevice _device;
    private readonly int _port;
    private readonly ConcurrentQueue<DesiredSettings> _received = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public FakeAgent(FleetApplication fleet, TestDevice device)
    {
        _device = device;
        _port = fleet.Service<DeviceLink>().Port;
        Client.ApplicationMessageReceivedAsync += args =>
        {
            var message = args.ApplicationMessage;
            LastRetained = message.Retain;
            _received.Enqueue(JsonSerializer.Deserialize(message.Payload.ToArray(), ContractsJson.Default.EnvelopeDesiredSettings)!.Body);
            _arrived.Release();
            return Task.CompletedTask;
        };
    }

    public IMqttClient Client { get; } = new MqttClientFactory().CreateMqttClient();

    public bool LastRetained { get; private set; }

    /// <summary>Settings that came and were not looked at.</summary>
    public int Waiting => _received.Count;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<FakeAgent> ConnectedAsync(FleetApplication fleet, TestDevice device, Action<MqttClientOptionsBuilder>? configure = null)
    {
        var agent = new FakeAgent(fleet, device);
        Assert.Equal(MqttClientConnectResultCode.Success, (await agent.ConnectAsync(configure)).ResultCode);
        return agent;
    }

    public Task<MqttClientConnectResult> ConnectAsync(Action<MqttClientOptionsBuilder>? configure = null)
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", _port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(_device.Id.Value)
            .WithCredentials(_device.Id.Value, _device.Secret);
        configure?.Invoke(options);
        return Client.ConnectAsync(options.Build(), Cancellation);
    }

    public Task<MqttClientSubscribeResult> SubscribeAsync(string? filter = null) =>
        Client.SubscribeAsync(filter ?? s_topics.Down(_device.Id), MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);

    /// <summary>The next settings to come, or those that came and were not looked at.</summary>
    public async Task<DesiredSettings> SettingsAsync()
    {
        await _arrived.WaitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.True(_received.TryDequeue(out var settings));
        return settings;
    }

    public Task<MqttClientPublishResult> SayAsync(PresenceState state, long boot, long seq) =>
        SayAsync(Uplink.Presence, boot, seq, new PresenceReport(state, "1.0.0", null), ContractsJson.Default.EnvelopePresenceReport);

    public Task<MqttClientPublishResult> SayAsync(SyncReport report, long boot, long seq) =>
        SayAsync(Uplink.Sync, boot, seq, report, ContractsJson.Default.EnvelopeSyncReport);

    public Task<MqttClientPublishResult> SayAsync(ReportedSettings report, long boot, long seq) =>
        SayAsync(Uplink.Settings, boot, seq, report, ContractsJson.Default.EnvelopeReportedSettings);

    public Task<MqttClientPublishResult> SayAppliedAsync(DesiredSettings settings, long boot, long seq) =>
        SayAsync(Applied(settings), boot, seq);

    public Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, MqttQualityOfServiceLevel qos = MqttQualityOfServiceLevel.AtLeastOnce) =>
        Client.PublishAsync(new MqttApplicationMessage { Topic = topic, Payload = new ReadOnlySequence<byte>(payload), QualityOfServiceLevel = qos }, Cancellation);

    public static ReportedSettings Applied(DesiredSettings settings) => new(
        settings.Revision,
        settings.Hash,
        SettingsState.Applied,
        settings.Sections.EnumerateObject().ToDictionary(s => s.Name, _ => new SectionReport(SettingsState.Applied)),
        []);

    /// <summary>Drops the connection as a power cut would: without a goodbye.</summary>
    public void Drop() => Client.Dispose();

    public async ValueTask DisposeAsync()
    {
        // The server may be ending the connection at this very moment.
        await Client.TryDisconnectAsync();
        Client.Dispose();
        _arrived.Dispose();
    }

    private Task<MqttClientPublishResult> SayAsync<T>(Uplink uplink, long boot, long seq, T body, JsonTypeInfo<Envelope<T>> type) =>
        PublishAsync(s_topics.Up(_device.Id, uplink), Envelopes.Of(_device, uplink, boot, seq, body, type));
}
