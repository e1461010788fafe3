using System.Text.Json;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using MQTTnet;
using MQTTnet.Protocol;

namespace FleetManager.Agent.Control;

/// <summary>
/// The connection to the broker. One loop owns the client: it alone connects, publishes and disconnects; the client's events only wake it.
/// </summary>
internal sealed partial class MqttLink(Identity identity, Uplinks uplinks, SettingsService settings, HardwareSummary hardware, TimeProvider time, ILogger logger)
{
    /// <summary>What <see cref="State"/> is while there is a connection.</summary>
    public const string ConnectedState = "connected";

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
    private readonly Lock _gate = new();
    private long? _downSince = time.GetTimestamp();
    private long? _lastLogged;

    /// <summary>Called after every connection.</summary>
    public event Action? Connected;

    /// <summary>How long there has been no connection; zero while there is one.</summary>
    public TimeSpan DownFor
    {
        get
        {
            lock (_gate)
            {
                return _downSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>In words, for people.</summary>
    public string State { get; private set; } = "connecting";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string reason;
            using var client = new MqttClientFactory().CreateMqttClient();
            try
            {
                reason = await ServeAsync(client, cancellationToken);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // The client turns a cancellation into an exception of its own.
                await SayGoodbyeAsync(client);
                return;
            }
            catch (Exception e)
            {
                reason = e.GetBaseException().Message;
            }

            MarkDown(reason);
            await Task.Delay(_backoff.Next(), time, cancellationToken);
        }
    }

    /// <summary>Connects and passes messages on until the connection ends; returns why it did.</summary>
    private async Task<string> ServeAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        client.ApplicationMessageReceivedAsync += message =>
        {
            Receive(message.ApplicationMessage);
            return Task.CompletedTask;
        };
        client.DisconnectedAsync += _ =>
        {
            uplinks.Waiting.Set();
            return Task.CompletedTask;
        };

        // In this order: the will must be newer than the birth that it undoes, and older than the next one.
        var birth = uplinks.Presence(new PresenceReport(PresenceState.Online, AgentVersion.Current, hardware));
        var will = uplinks.Presence(new PresenceReport(PresenceState.Lost, AgentVersion.Current, null));
        var connected = await client.ConnectAsync(WithWill(will), cancellationToken);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
        {
            return $"the broker refused the connection: {connected.ResultCode}";
        }

        var subscribed = await client.SubscribeAsync(MqttOptions.Downlinks(identity), cancellationToken);
        if (subscribed.Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
        {
            return $"the broker refused the subscription: {refused.ResultCode}";
        }

        await client.PublishAsync(MqttOptions.Message(identity, Uplink.Presence, birth), cancellationToken);
        uplinks.SayStateAgain();
        MarkUp();
        while (true)
        {
            uplinks.Waiting.Reset();
            if (!client.IsConnected)
            {
                return "the connection was closed";
            }

            foreach (var (uplink, payload) in uplinks.Take())
            {
                await client.PublishAsync(MqttOptions.Message(identity, uplink, payload), cancellationToken);
            }

            await uplinks.Waiting.Given.WaitAsync(cancellationToken);
        }
    }

    private MqttClientOptions WithWill(byte[] will) =>
        MqttOptions.For(identity)
            .WithWillTopic(identity.Topics().Up(identity.Device(), Uplink.Presence))
            .WithWillPayload(will)
            .WithWillContentType("application/json")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillRetain()
            .Build();

    private void Receive(MqttApplicationMessage message)
    {
        if (message.Topic != identity.Topics().DownSettings(identity.Device()) || message.Payload.IsEmpty)
        {
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(message.Payload);
            var envelope = JsonSerializer.Deserialize(ref reader, ContractsJson.Default.EnvelopeDesiredSettings);
            if (envelope is not { Body: { Hash: not null } desired })
            {
                settings.Refuse(new SettingFault("json", "body", "the message holds no settings"));
            }
            else if (envelope.V != Envelope<DesiredSettings>.Version)
            {
                settings.Refuse(new SettingFault("json", "v", $"version {envelope.V} is not known to this agent, which knows {Envelope<DesiredSettings>.Version}"));
            }
            else if (envelope.DeviceId != identity.DeviceId)
            {
                settings.Refuse(new SettingFault("json", "deviceId", "the settings are for another device"));
            }
            else
            {
                settings.Offer(desired);
            }
        }
        catch (JsonException e)
        {
            settings.Refuse(new SettingFault("json", e.Path ?? "", "the settings are not valid JSON: " + e.Message));
        }
    }

    private async Task SayGoodbyeAsync(IMqttClient client)
    {
        if (!client.IsConnected)
        {
            return;
        }

        using var patience = new CancellationTokenSource(s_goodbye, time);
        try
        {
            // All of it: the stop may have cut off what was just being said.
            uplinks.SayStateAgain();
            foreach (var (uplink, payload) in uplinks.Take())
            {
                await client.PublishAsync(MqttOptions.Message(identity, uplink, payload), patience.Token);
            }

            var offline = uplinks.Presence(new PresenceReport(PresenceState.Offline, AgentVersion.Current, hardware));
            await client.PublishAsync(MqttOptions.Message(identity, Uplink.Presence, offline), patience.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), patience.Token);
        }
        catch (Exception e)
        {
            // The will says it in our place.
            Log.NoGoodbye(logger, e.Message);
        }
    }

    private void MarkUp()
    {
        _backoff.Reset();
        lock (_gate)
        {
            _downSince = null;
        }

        (State, _lastLogged) = (ConnectedState, null);
        Log.Connected(logger, identity.Mqtt!.Host, identity.Mqtt.Port);
        Connected?.Invoke();
    }

    private void MarkDown(string reason)
    {
        lock (_gate)
        {
            _downSince ??= time.GetTimestamp();
        }

        State = "not connected: " + reason;
        if (_lastLogged is not { } last || time.GetElapsedTime(last) >= s_quiet)
        {
            _lastLogged = time.GetTimestamp();
            Log.NotConnected(logger, identity.Mqtt!.Host, identity.Mqtt.Port, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Information, "Connected to the broker at {Host}:{Port}")]
        public static partial void Connected(ILogger logger, string host, int port);

        [LoggerMessage(311, LogLevel.Warning, "No connection to the broker at {Host}:{Port}: {Reason}")]
        public static partial void NotConnected(ILogger logger, string host, int port, string reason);

        [LoggerMessage(312, LogLevel.Debug, "Could not say goodbye to the broker: {Reason}")]
        public static partial void NoGoodbye(ILogger logger, string reason);
    }
}
