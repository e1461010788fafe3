using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Messaging;

/// <summary>
/// Stands before the MQTT library on each connection. Until a connection has proved who it is, it may send little, has little time, and
/// its address may not hold many such; afterwards only the packet ceiling remains.
/// </summary>
internal sealed partial class ConnectionGuard(IOptions<FleetOptions> options, TimeProvider time, ILogger<ConnectionGuard> logger)
{
    private const long CeilingBefore = 64 * 1024;
    private const long CeilingAfter = 256 * 1024;

    private readonly ConcurrentDictionary<EndPoint, Guarded> _pending = new();
    private readonly ConcurrentDictionary<IPAddress, int> _pendingPerAddress = new();
    private readonly OncePerMinute<IPAddress> _logged = new(time);

    /// <summary>Connections that have not proved who they are.</summary>
    public int Pending => _pending.Count;

    /// <summary>Connection middleware.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote || !TryEnter(remote.Address))
        {
            connection.Abort();
            return;
        }

        var guarded = new Guarded(connection, remote);
        _pending[remote] = guarded;
        try
        {
            await using var deadline = time.CreateTimer(_ => Expire(guarded), null, TimeSpan.FromSeconds(options.Value.Broker.ConnectSeconds), Timeout.InfiniteTimeSpan);
            connection.Transport = new GuardedTransport(connection.Transport, () => guarded.Accepted ? CeilingAfter : CeilingBefore);
            await next(connection);
        }
        finally
        {
            Leave(guarded);
        }
    }

    /// <summary>The connection has proved who it is.</summary>
    public void Accept(EndPoint remote)
    {
        if (_pending.TryGetValue(remote, out var guarded))
        {
            guarded.Accepted = true;
            Leave(guarded);
        }
    }

    private static void Expire(Guarded guarded)
    {
        if (!guarded.Accepted)
        {
            guarded.Connection.Abort(new ConnectionAbortedException("No valid CONNECT in time."));
        }
    }

    private bool TryEnter(IPAddress address)
    {
        var limit = options.Value.Broker.MaxPendingPerAddress;
        if (_pendingPerAddress.AddOrUpdate(address, 1, (_, n) => n + 1) <= limit)
        {
            return true;
        }

        Subtract(address);
        if (_logged.IsFirst(address))
        {
            Log.TooMany(logger, address, limit);
        }

        return false;
    }

    private void Leave(Guarded guarded)
    {
        if (_pending.TryRemove(KeyValuePair.Create<EndPoint, Guarded>(guarded.Remote, guarded)))
        {
            Subtract(guarded.Remote.Address);
        }
    }

    private void Subtract(IPAddress address)
    {
        _pendingPerAddress.AddOrUpdate(address, 0, (_, n) => n - 1);
        _pendingPerAddress.TryRemove(KeyValuePair.Create(address, 0));
    }

    private sealed class Guarded(ConnectionContext connection, IPEndPoint remote)
    {
        public ConnectionContext Connection { get; } = connection;

        public IPEndPoint Remote { get; } = remote;

        public volatile bool Accepted;
    }

    private sealed class GuardedTransport(IDuplexPipe inner, Func<long> ceiling) : IDuplexPipe
    {
        public PipeReader Input { get; } = new GuardedReader(inner.Input, ceiling);

        public PipeWriter Output { get; } = inner.Output;
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Warning, "{Address} holds {Limit} MQTT connections that have not proved who they are; more are turned away")]
        public static partial void TooMany(ILogger logger, IPAddress address, int limit);
    }
}
