using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>A real broker that lets the devices of the fake server in and keeps what they say.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    private readonly MqttServer _broker;
    private readonly int _port;

    private FakeBroker(int port)
    {
        _port = port;
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .Build();
        _broker = new MqttServerFactory().CreateMqttServer(options);
        _broker.ValidatingConnectionAsync += connection =>
        {
            var known = Devices.TryGetValue(connection.UserName ?? "", out var key) && key == connection.Password && connection.ClientId == connection.UserName;
            connection.ReasonCode = known ? MqttConnectReasonCode.Success : MqttConnectReasonCode.BadUserNameOrPassword;
            return Task.CompletedTask;
        };
        _broker.InterceptingPublishAsync += publish =>
        {
            if (publish.ClientId.Length > 0)
            {
                Messages.Enqueue((publish.ApplicationMessage.Topic, System.Buffers.BuffersExtensions.ToArray(publish.ApplicationMessage.Payload), publish.ApplicationMessage.Retain));
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>Device id to key.</summary>
    public ConcurrentDictionary<string, string> Devices { get; } = new();

    public ConcurrentQueue<(string Topic, byte[] Payload, bool Retained)> Messages { get; } = new();

    public MqttAddress Address => new("127.0.0.1", _port, false, Topics.DefaultRoot);

    public static async Task<FakeBroker> StartAsync()
    {
        var broker = new FakeBroker(FreePort());
        await broker._broker.StartAsync();
        return broker;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public Task SendSettingsAsync(string device, DesiredSettings desired) =>
        SendAsync(device, JsonSerializer.SerializeToUtf8Bytes(
            new Envelope<DesiredSettings>(1, "settings", device, 1, desired.Revision, DateTimeOffset.UnixEpoch, desired), ContractsJson.Default.EnvelopeDesiredSettings));

    public async Task SendAsync(string device, byte[] payload)
    {
        Assert.True(DeviceId.TryParse(device, out var id));
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(new Topics().DownSettings(id)).WithPayload(payload).WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await _broker.InjectApplicationMessage(new InjectedMqttApplicationMessage(message));
    }

    /// <summary>Every body that was said on one uplink, oldest first.</summary>
    public IReadOnlyList<Envelope<T>> Said<T>(Uplink uplink, JsonTypeInfo<Envelope<T>> type) =>
        [.. Messages.Where(m => m.Topic.EndsWith("/up/" + Topics.Name(uplink), StringComparison.Ordinal)).Select(m => JsonSerializer.Deserialize(m.Payload, type)!)];

    /// <summary>Ends every connection without a goodbye.</summary>
    public async Task DropClientsAsync()
    {
        foreach (var client in await _broker.GetClientsAsync())
        {
            await client.DisconnectAsync(new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.UnspecifiedError });
        }
    }

    public Task StopAsync() => _broker.StopAsync(new MqttServerStopOptions());

    public async Task StartAgainAsync() => await _broker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_broker.IsStarted)
        {
            await StopAsync();
        }

        _broker.Dispose();
    }
}
