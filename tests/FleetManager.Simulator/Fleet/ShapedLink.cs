using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace FleetManager.Simulator.Fleet;

/// <summary>
/// A port that leads to another through a network of the profile. It needs no rights, as shaping by the operating system would; what TCP
/// makes of loss is delay, and that is what it does.
/// </summary>
internal sealed class ShapedLink : IAsyncDisposable
{
    private const int PacketBytes = 16 * 1024;
    private const int MostWaiting = 64;
    private static readonly TimeSpan s_leastResend = TimeSpan.FromMilliseconds(200);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly int _port;
    private readonly LinkProfile _profile;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Task _accepting;
    private long _busyUntil;

    public ShapedLink(string host, int port, LinkProfile profile, TimeProvider time)
    {
        (_host, _port, _profile, _time) = (host, port, profile, time);
        _began = time.GetTimestamp();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Lets everything through at once from now on, so that a backlog can drain.</summary>
    public bool IsHealed { get; set; }

    /// <summary>A profile that is off and on begins with off.</summary>
    private bool IsOn => IsHealed || _profile.Off is not { } off || _time.GetElapsedTime(_began).Ticks / off.Ticks % 2 == 1;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                open.RemoveAll(o => o.IsCompleted);
                open.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            if (!IsOn)
            {
                return;
            }

            await Task.Delay(OneWay() * 2, _time, end.Token);
            await far.ConnectAsync(_host, _port, end.Token);
            await Task.WhenAny(
                CarryAsync(near.GetStream(), far.GetStream(), end.Token),
                CarryAsync(far.GetStream(), near.GetStream(), end.Token),
                OffAsync(end.Token));
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // Closed with both ends, which is what their owners see.
        }

        await end.CancelAsync();
    }

    private async Task OffAsync(CancellationToken cancellation)
    {
        while (IsOn)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancellation);
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        var underWay = Channel.CreateBounded<(long Due, byte[] Bytes)>(MostWaiting);
        var reading = ReadAsync(from, underWay.Writer, cancellation);
        await foreach (var (due, bytes) in underWay.Reader.ReadAllAsync(cancellation))
        {
            var left = due - _time.GetTimestamp();
            if (left > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)left / _time.TimestampFrequency), _time, cancellation);
            }

            await to.WriteAsync(bytes, cancellation);
        }

        await reading;
    }

    private async Task ReadAsync(NetworkStream from, ChannelWriter<(long Due, byte[] Bytes)> underWay, CancellationToken cancellation)
    {
        try
        {
            var (buffer, last) = (new byte[PacketBytes], 0L);
            for (int read; (read = await from.ReadAsync(buffer, cancellation)) > 0;)
            {
                // In order: what comes after a lost packet waits for it.
                last = Math.Max(last, Sent(read) + Ticks(OneWay()));
                await underWay.WriteAsync((last, buffer[..read]), cancellation);
            }
        }
        finally
        {
            underWay.Complete();
        }
    }

    // All connections share the line.
    private long Sent(int bytes)
    {
        if (IsHealed)
        {
            return 0;
        }

        lock (_listener)
        {
            _busyUntil = Math.Max(_busyUntil, _time.GetTimestamp()) + Ticks(TimeSpan.FromSeconds((double)bytes / _profile.BytesPerSecond));
            return _busyUntil;
        }
    }

    private TimeSpan OneWay()
    {
        if (IsHealed)
        {
            return TimeSpan.Zero;
        }

#pragma warning disable CA5394 // Chance, not a secret.
        var delay = (_profile.RoundTrip + (_profile.Jitter * ((Random.Shared.NextDouble() * 2) - 1))) / 2;
        return Random.Shared.NextDouble() >= _profile.Loss ? delay : delay + (_profile.RoundTrip > s_leastResend ? _profile.RoundTrip : s_leastResend);
#pragma warning restore CA5394
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
