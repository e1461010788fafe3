using FleetManager.Contracts;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace FleetManager.Agent.Control;

/// <summary>How a device connects to its broker: its id is user name and client id, its key the password (design 5.1).</summary>
internal static class MqttOptions
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public static MqttClientOptionsBuilder For(Identity identity)
    {
        var address = identity.Mqtt!;
        var options = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(address.Host, address.Port)
            .WithClientId(identity.DeviceId)
            .WithCredentials(identity.DeviceId, identity.DeviceKey)
            .WithCleanStart(true)
            .WithKeepAlivePeriod(s_keepAlive)
            .WithTimeout(s_timeout);
        return address.Tls ? options.WithTlsOptions(tls => tls.UseTls()) : options;
    }

    public static MqttClientSubscribeOptions Downlinks(Identity identity) =>
        new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(identity.Topics().Down(identity.Device()), MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();

    public static MqttApplicationMessage Message(Identity identity, Uplink uplink, byte[] payload) =>
        new MqttApplicationMessageBuilder()
            .WithTopic(identity.Topics().Up(identity.Device(), uplink))
            .WithPayload(payload)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(uplink == Uplink.Telemetry ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce)
            .WithRetainFlag(uplink is Uplink.Presence or Uplink.Settings or Uplink.Sync)
            .Build();
}
