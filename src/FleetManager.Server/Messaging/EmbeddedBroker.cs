using System.Net;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using MQTTnet.AspNetCore;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetManager.Server.Messaging;

/// <summary>
/// The broker of a server without one: MQTTnet behind a Kestrel of its own, so that <c>--urls</c> keeps its meaning and each connection
/// passes the <see cref="ConnectionGuard"/> first. Keeps nothing: sessions and retained messages are rebuilt from the database.
/// </summary>
internal sealed partial class EmbeddedBroker(
    IOptions<FleetOptions> options,
    ConnectionGuard guard,
    BrokerEvents events,
    DeviceLink link,
    IServiceProvider services,
    ILoggerFactory loggers,
    ILogger<EmbeddedBroker> logger)
    : IHostedService, IAsyncDisposable
{
    /// <summary>Waiting messages of one session; settings and commands only, of which the newest count.</summary>
    private const int MaxPendingMessages = 100;

    private readonly MqttConnectionHandler _handler = new();
    private MqttServer? _server;
    private bool _stopping;
    private KestrelServer? _kestrel;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var broker = options.Value.Broker;
        if (!IPAddress.TryParse(broker.BindAddress, out var address))
        {
            throw new StartFault($"Fleet:Broker:BindAddress ({broker.BindAddress}) must be an IP address, such as 127.0.0.1");
        }

        _server = new MqttServer(MqttOptions(broker), [_handler], MqttNetNullLogger.Instance);
        events.Attach(_server);
        await _server.StartAsync();

        ListenOptions? listening = null;
        var kestrel = new KestrelServerOptions { ApplicationServices = services };
        kestrel.Listen(address, broker.Port, listen =>
        {
            listening = listen;
            listen.Use(next => connection => guard.RunAsync(connection, next));
            listen.Run(_handler.OnConnectedAsync);
        });
        _kestrel = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        try
        {
            await _kestrel.StartAsync(new NoHttp(), cancellationToken);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            throw new StartFault($"Fleet:Broker:Port ({broker.Port}) is in use on {broker.BindAddress}; set it to a free port, or to 0 for any.", fault);
        }
        catch (System.Net.Sockets.SocketException fault)
        {
            throw new StartFault($"Fleet:Broker:BindAddress ({broker.BindAddress}) and Fleet:Broker:Port ({broker.Port}): {fault.Message}", fault);
        }

        link.Port = listening!.IPEndPoint!.Port;
        Log.Listening(logger, listening.IPEndPoint);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        events.Stop();
        // A host that fails while it starts is stopped by two at once; the library does not bear that.
        if (Interlocked.Exchange(ref _stopping, true) is false && _server is { IsStarted: true })
        {
            await _server.StopAsync(new MqttServerStopOptions
            {
                DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
            });
        }

        if (_kestrel is not null)
        {
            await _kestrel.StopAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _kestrel?.Dispose();
        _server?.Dispose();
        _handler.Dispose();
        return ValueTask.CompletedTask;
    }

    private static MqttServerOptions MqttOptions(BrokerOptions broker) => new MqttServerOptionsBuilder()
        .WithoutDefaultEndpoint()
        .WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(broker.ConnectSeconds))
        .WithMaxPendingMessagesPerClient(MaxPendingMessages)
        .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage)
        .Build();

    /// <summary>Kestrel insists on an application; connections end in the MQTT handler and never get here.</summary>
    private sealed class NoHttp : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => throw new NotSupportedException("The broker serves no HTTP.");

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2121, LogLevel.Information, "MQTT broker listens on {EndPoint}")]
        public static partial void Listening(ILogger logger, IPEndPoint endPoint);
    }
}
