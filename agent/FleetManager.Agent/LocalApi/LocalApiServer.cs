using System.Net.Sockets;
using FleetManager.Contracts.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// The listener of the local API. A new address is tried before the old one is given up, so a setting that can not be met costs nothing.
/// One caller at a time.
/// </summary>
internal sealed partial class LocalApiServer(EventsApi api, int? pinnedPort, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int MaxConnections = 512;

    private readonly ILogger _logger = loggers.CreateLogger<LocalApiServer>();
    private WebApplication? _listener;
    private volatile string? _apiKey;

    /// <summary>Where it listens now; null when it does not.</summary>
    public ListenAddress? Listening { get; private set; }

    /// <summary>Brings the listener in line with the settings; returns what is wrong when it can not, and then stays as it was.</summary>
    public async Task<SettingFault?> ApplyAsync(EventStoreSettings settings, CancellationToken cancellationToken)
    {
        var wanted = ListenAddress.Of(settings, pinnedPort);
        if (wanted != Listening && await MoveAsync(wanted, settings, cancellationToken) is { } fault)
        {
            return fault;
        }

        _apiKey = settings.ApiKey;
        return null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<SettingFault?> MoveAsync(ListenAddress? wanted, EventStoreSettings settings, CancellationToken cancellationToken)
    {
        var before = Listening;

        // Another address of the same port can not be taken while the old one is held.
        if (wanted is null || wanted.Port == before?.Port)
        {
            await StopAsync();
        }

        if (wanted is null)
        {
            return null;
        }

        // The key that is in force with the new address, from its first request on.
        var keyBefore = _apiKey;
        _apiKey = settings.ApiKey ?? keyBefore;
        try
        {
            var listener = await StartAsync(wanted, cancellationToken);
            await StopAsync();
            (_listener, Listening) = (listener, wanted);
            Log.Listening(_logger, wanted);
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            _apiKey = keyBefore;
            Log.CannotListen(_logger, wanted, e.Message);
            if (before is not null && _listener is null)
            {
                (_listener, Listening) = (await StartAsync(before, cancellationToken), before);
            }

            return e.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressNotAvailable }
                ? new SettingFault("apply", "bindAddress", $"the local API can not listen on {wanted}: set eventStore.bindAddress to an address of this device")
                : new SettingFault("apply", "port", $"the local API can not listen on {wanted} ({e.GetBaseException().Message}): set eventStore.port to a free port");
        }
    }

    private async Task<WebApplication> StartAsync(ListenAddress address, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyReader.MostBytes;

            // A producer on the device or beside it is never so slow; who holds connections open otherwise would keep the others out.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(address.Address, address.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var listener = builder.Build();
        listener.Use(api.GuardAsync);
        listener.Use((context, next) => LocalGuard.FaultOf(context, _apiKey) is { } fault ? Answer.FaultAsync(context, fault) : next(context));
        api.Map(listener);
        try
        {
            await listener.StartAsync(cancellationToken);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    private async Task StopAsync()
    {
        if (_listener is { } old)
        {
            (_listener, Listening) = (null, null);
            await old.StopAsync(CancellationToken.None);
            await old.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(210, LogLevel.Information, "The event store listens on {Address}")]
        public static partial void Listening(ILogger logger, ListenAddress address);

        [LoggerMessage(211, LogLevel.Warning, "The event store can not listen on {Address}: {Reason}")]
        public static partial void CannotListen(ILogger logger, ListenAddress address, string reason);
    }
}
