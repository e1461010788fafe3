using System.Buffers;
using System.Collections;
using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Net;
using FleetManager.Contracts;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetManager.Server.Messaging;

/// <summary>
/// What happens on the embedded broker. Uplinks are taken here and go no further: the library would walk all sessions for each of them.
/// Downlinks are put into the one session that they are for.
/// </summary>
internal sealed partial class BrokerEvents(
    IOptions<FleetOptions> options,
    ConnectionGuard guard,
    DeviceLink link,
    DeviceKeys keys,
    Uplinks uplinks,
    StatusWriter statuses,
    SettingsDelivery settings,
    IMeterFactory meters,
    TimeProvider time,
    ILogger<BrokerEvents> logger)
{
    /// <summary>Far more than people mistype, far less than guessing needs.</summary>
    private const int FailuresPerMinute = 100;

    private readonly TopicPolicy _policy = new(new Topics(options.Value.Broker.TopicRoot));
    private readonly FailureLimit _failures = new(FailuresPerMinute, time);
    private readonly OncePerMinute<DeviceId> _refusals = new(time);
    private readonly OncePerMinute<string> _connectFaults = new(time);
    private readonly Counter<long> _refused = meters.Create("FleetManager.Broker").CreateCounter<long>("fleet.broker.uplinks.refused");
    private volatile bool _stopping;

    public void Attach(MqttServer server)
    {
        server.ValidatingConnectionAsync += ValidateAsync;
        server.ClientConnectedAsync += args => ConnectedAsync(server, args);
        server.ClientDisconnectedAsync += DisconnectedAsync;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += SubscribeAsync;
        server.ClientSubscribedTopicAsync += SubscribedAsync;
    }

    /// <summary>From here on, sessions end because of us: neither their end nor their wills say anything about the devices.</summary>
    public void Stop() => _stopping = true;

    private async Task ValidateAsync(ValidatingConnectionEventArgs args)
    {
        var address = (args.RemoteEndPoint as IPEndPoint)?.Address;
        if (_stopping)
        {
            args.ReasonCode = MqttConnectReasonCode.ServerBusy;
            return;
        }

        if (string.IsNullOrEmpty(args.ClientId) || args.ClientId != args.UserName)
        {
            args.ReasonString = "client id and user name must both be the device id";
            args.ReasonCode = FailureOf(address, MqttConnectReasonCode.ClientIdentifierNotValid);
            return;
        }

        try
        {
            if (await keys.FindAsync(args.ClientId, args.Password, args.CancellationToken) is { } device)
            {
                args.SessionItems[SessionKey.Device] = device;
                args.SessionItems[SessionKey.Version] = args.ProtocolVersion;
                guard.Accept(args.RemoteEndPoint);
                return;
            }

            args.ReasonCode = FailureOf(address, MqttConnectReasonCode.BadUserNameOrPassword);
            if (_connectFaults.IsFirst(address?.ToString() ?? ""))
            {
                Log.ConnectRefused(logger, address);
            }
        }
        catch (Exception fault) when (fault is DbException or InvalidOperationException)
        {
            args.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
            if (_connectFaults.IsFirst("database"))
            {
                Log.DatabaseFailed(logger, fault);
            }
        }
    }

    /// <summary>What a failed connect is told: past the limit to come again later, and no more about what was wrong.</summary>
    private MqttConnectReasonCode FailureOf(IPAddress? address, MqttConnectReasonCode reason) =>
        _failures.Note(address) > TimeSpan.Zero ? MqttConnectReasonCode.ServerBusy : reason;

    private async Task ConnectedAsync(MqttServer server, ClientConnectedEventArgs args)
    {
        var device = DeviceOf(args.SessionItems);
        var status = await server.GetSessionAsync(args.ClientId);
        link.Opened(new DeviceSession(
            device.Id,
            args.RemoteEndPoint,
            message => args.SessionItems.Contains(SessionKey.Listens) && status.TryEnqueueApplicationMessage(ToMqtt(message), out _),
            () => server.DisconnectClientAsync(args.ClientId, new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.AdministrativeAction })));
        settings.SessionOpened(device.Id);
        statuses.Connection(device, open: true);

        // A session taken over with its subscriptions hears no subscription hook.
        if (args.SessionItems.Contains(SessionKey.Listens))
        {
            await SendSettingsAsync(device);
        }
    }

    private Task DisconnectedAsync(ClientDisconnectedEventArgs args)
    {
        var device = DeviceOf(args.SessionItems);
        if (args.DisconnectType == MqttClientDisconnectType.Takeover)
        {
            Log.TakenOver(logger, device.Id, args.RemoteEndPoint);
        }
        else if (link.Closed(device.Id, args.RemoteEndPoint) && !_stopping)
        {
            statuses.Connection(device, open: false);
        }

        return Task.CompletedTask;
    }

    private Task PublishAsync(InterceptingPublishEventArgs args)
    {
        args.ProcessPublish = false;
        var device = DeviceOf(args.SessionItems);
        if (_stopping)
        {
            args.Response.ReasonCode = MqttPubAckReasonCode.ImplementationSpecificError;
        }
        else if (!_policy.MayPublish(device.Id, args.ApplicationMessage.Topic, out var uplink))
        {
            Refuse(args, device, MqttPubAckReasonCode.NotAuthorized, "this topic is not the device's own");

            // MQTT 3.1.1 has no other way to say no.
            args.CloseConnection = !Equals(args.SessionItems[SessionKey.Version], MqttProtocolVersion.V500);
        }
        else
        {
            var payload = args.ApplicationMessage.Payload;
            if (uplinks.Take(device, uplink, payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray()) is { } fault)
            {
                Refuse(args, device, MqttPubAckReasonCode.PayloadFormatInvalid, fault);
            }
        }

        return Task.CompletedTask;
    }

    private void Refuse(InterceptingPublishEventArgs args, DeviceRef device, MqttPubAckReasonCode code, string reason)
    {
        args.Response.ReasonCode = code;
        args.Response.ReasonString = reason;
        _refused.Add(1, KeyValuePair.Create<string, object?>("reason", code.ToString()));
        if (_refusals.IsFirst(device.Id))
        {
            Log.UplinkRefused(logger, device.Id, args.ApplicationMessage.Topic, reason);
        }
    }

    private Task SubscribeAsync(InterceptingSubscriptionEventArgs args)
    {
        if (!_policy.MaySubscribe(DeviceOf(args.SessionItems).Id, args.TopicFilter.Topic))
        {
            args.ProcessSubscription = false;
            args.Response.ReasonCode = Equals(args.SessionItems[SessionKey.Version], MqttProtocolVersion.V500)
                ? MqttSubscribeReasonCode.NotAuthorized
                : MqttSubscribeReasonCode.UnspecifiedError;
        }

        return Task.CompletedTask;
    }

    private async Task SubscribedAsync(ClientSubscribedTopicEventArgs args)
    {
        args.SessionItems[SessionKey.Listens] = true;
        await SendSettingsAsync(DeviceOf(args.SessionItems));
    }

    private async Task SendSettingsAsync(DeviceRef device)
    {
        try
        {
            await settings.SendAsync(device.Id, CancellationToken.None);
        }
        catch (Exception fault) when (fault is DbException or InvalidOperationException)
        {
            // The session would stay without its settings, so it ends: the device comes back and asks again.
            Log.DatabaseFailed(logger, fault);
            await link.CloseAsync(device.Id);
        }
    }

    private static DeviceRef DeviceOf(IDictionary items) => (DeviceRef)items[SessionKey.Device]!;

    private static MqttApplicationMessage ToMqtt(DownMessage message) => new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = message.Retain,
    };

    /// <summary>Keys of the items that the library keeps with a session.</summary>
    private enum SessionKey
    {
        Device,
        Version,
        Listens,
    }

    private static partial class Log
    {
        [LoggerMessage(2111, LogLevel.Warning, "MQTT connections from {Address} were refused: unknown device, wrong key, or revoked")]
        public static partial void ConnectRefused(ILogger logger, IPAddress? address);

        [LoggerMessage(2112, LogLevel.Error, "The database failed an MQTT session")]
        public static partial void DatabaseFailed(ILogger logger, Exception fault);

        [LoggerMessage(2113, LogLevel.Warning, "Device {Device} connected again while its session from {Remote} was open; that one ended")]
        public static partial void TakenOver(ILogger logger, DeviceId device, EndPoint remote);

        [LoggerMessage(2114, LogLevel.Warning, "A message of device {Device} on {Topic} was refused: {Reason}")]
        public static partial void UplinkRefused(ILogger logger, DeviceId device, string topic, string reason);
    }
}
