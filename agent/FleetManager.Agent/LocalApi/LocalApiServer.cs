using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Contracts.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// The listener of the local API. A new address is tried before the old one is given up, so a setting that can not be met costs nothing.
/// One caller at a time.
/// </summary>
internal sealed partial class LocalApiServer(EventsApi api, int? pinnedPort, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>Largest body: an output and an input image of the largest size, in base64.</summary>
    public const long MaxBodyBytes = 72L * 1024 * 1024;

    private const int MaxConnections = 256;

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
        // Empty: the other builders read appsettings.json of whatever directory the agent was started in, and watch all that lies under it;
        // of a service that is the whole file system.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(loggers);

        // Who sends a body for longer than this has no answer yet, and so no promise.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(address.Address, address.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var listener = builder.Build();
        listener.Use(GuardAsync);
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

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        // A page in a browser on the device must not reach a store that is open to its loopback.
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !origin.EndsWith("://" + context.Request.Host.Value, StringComparison.OrdinalIgnoreCase))
        {
            return Answer.DetailAsync(context, StatusCodes.Status403Forbidden, $"requests from pages of {origin} are refused");
        }

        return _apiKey is not { } key || context.Request.Path == "/health" || Matches(context.Request.Headers["X-API-Key"].ToString(), key)
            ? next(context)
            : Answer.DetailAsync(context, StatusCodes.Status401Unauthorized, "send the event store's key in the header X-API-Key");
    }

    private static bool Matches(string sent, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static partial class Log
    {
        [LoggerMessage(210, LogLevel.Information, "The event store listens on {Address}")]
        public static partial void Listening(ILogger logger, ListenAddress address);

        [LoggerMessage(211, LogLevel.Warning, "The event store can not listen on {Address}: {Reason}")]
        public static partial void CannotListen(ILogger logger, ListenAddress address, string reason);
    }
}
