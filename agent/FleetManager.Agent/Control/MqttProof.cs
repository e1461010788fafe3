using FleetManager.Agent.Platform;
using MQTTnet;

namespace FleetManager.Agent.Control;

/// <summary>Tries the way over the broker: connects as the device and subscribes to its topics. Whoever else is connected as this device is thrown out.</summary>
internal static class MqttProof
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Returns when it works; else a fault says which step failed, why, and what to do.</summary>
    public static async Task RunAsync(Identity identity, TimeProvider time, CancellationToken cancellationToken)
    {
        var broker = $"{identity.Mqtt!.Host}:{identity.Mqtt.Port}";
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var connected = await client.ConnectAsync(MqttOptions.For(identity).Build(), either.Token);
            if (connected.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw new AgentFault($"MQTT: the broker {broker} refused the device ({connected.ResultCode}): check that the address is the broker of this server (Fleet:Broker:PublicHost), then run the same command again");
            }

            var subscribed = await client.SubscribeAsync(MqttOptions.Downlinks(identity), either.Token);
            if (subscribed.Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
            {
                throw new AgentFault($"MQTT: the broker {broker} does not let the device subscribe to its topics ({refused.ResultCode}): check the broker's access rules, then run the same command again");
            }

            await client.DisconnectAsync(new MqttClientDisconnectOptions(), either.Token);
        }
        catch (Exception e) when (e is not AgentFault && !cancellationToken.IsCancellationRequested)
        {
            throw new AgentFault($"MQTT: the broker {broker} can not be reached ({e.GetBaseException().Message}): open that port between device and server, or correct Fleet:Broker:PublicHost, then run the same command again", e);
        }
    }
}
