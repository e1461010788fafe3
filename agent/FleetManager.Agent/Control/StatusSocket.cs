using System.Net.Sockets;
using System.Text.Json;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>
/// Tells <c>fleet-agent status</c> how the running agent is: a socket in the data directory, so that who may enter the directory may ask, and
/// neither the port nor the key of the Event Store API matters. Whoever connects gets one document.
/// </summary>
internal sealed partial class StatusSocket : IDisposable
{
    private const string FileName = "agent.sock";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<StatusDocument> _status;
    private readonly ILogger _logger;

    public StatusSocket(DataDirectory directory, Func<StatusDocument> status, ILogger logger)
    {
        (_status, _logger) = (status, logger);
        var path = directory.PathOf(FileName);
        try
        {
            // Left by a process that was killed; the directory's lock says that it is gone.
            File.Delete(path);
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen(8);
        }
        catch (Exception e) when (e is ArgumentException or SocketException)
        {
            // The path of a socket may have about 100 characters. The agent works without.
            Log.NoSocket(logger, path, e.Message);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_listener.IsBound)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        while (true)
        {
            using var caller = await _listener.AcceptAsync(cancellationToken);
            try
            {
                await using var stream = new NetworkStream(caller);
                await JsonSerializer.SerializeAsync(stream, _status(), AgentJson.Default.StatusDocument, cancellationToken);
            }
            catch (IOException e)
            {
                Log.CallerLeft(_logger, e.Message);
            }
        }
    }

    /// <summary>Asks the agent that runs in a directory; null when none answers.</summary>
    public static async Task<StatusDocument?> AskAsync(string directory, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(directory, FileName)), patience.Token);
            await using var stream = new NetworkStream(socket);
            return await JsonSerializer.DeserializeAsync(stream, AgentJson.Default.StatusDocument, patience.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException or JsonException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _listener.Dispose();

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Warning, "fleet-agent status will not see this agent run: no socket at {Path}: {Reason}")]
        public static partial void NoSocket(ILogger logger, string path, string reason);

        [LoggerMessage(331, LogLevel.Debug, "Somebody who asked for the status went away: {Reason}")]
        public static partial void CallerLeft(ILogger logger, string reason);
    }
}
