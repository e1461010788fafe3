using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>Ten thousand callers who connect and then dawdle: nobody else notices, and a small server is large enough for them.</summary>
public sealed class SlowConnectionsTests : IAsyncLifetime
{
    private const int Crowd = 10_000;
    private const long MostBytesEach = 64 * 1024;

    private readonly TempDirectory _directory = new();
    private readonly ServerProcess _server;
    private FleetApi _api = null!;

    public SlowConnectionsTests() => _server = new ServerProcess(_directory);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Left alone, the collector of a large machine lets garbage lie. With this it ends the process where more is held than fits.
        _server.Variables["DOTNET_GCHeapHardLimit"] = "0x18000000";
        await _server.StartAsync(Cancellation);
        _api = await _server.NewApiAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Connections_ThatAreHeldOpenSlowly_KeepNobodyOut()
    {
        // Each side of a connection takes a descriptor of its process, and the server keeps a quarter of its own for other things.
        var size = (int)Math.Min(Crowd, Descriptors() * 2 / 3);
        Assert.True(size >= 1000, $"This machine allows too few open files for the proof: {Descriptors()}.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{size} slow connections of {Crowd}.");
        var useCase = await _api.CreateUseCaseAsync("honest", Cancellation);
        var before = _server.MemoryBytes;
        string[] starts =
        [
            "",
            "POST /vision-events HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            $"POST /vision-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_api.Key}\r\nContent-Length: 4000000\r\n\r\n{{",
            $"POST /vision-events/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_api.Key}\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
        ];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var crowd = Enumerable.Range(0, size).Select(i => HoldAsync(starts[i % starts.Length], over.Token)).ToList();
        await Poll.UntilAsync(
            () => Task.FromResult(Held() >= size * 9 / 10), () => $"{size} connections to be open at once; {Held()} are.{_server.Output}", Cancellation, TimeSpan.FromMinutes(3));

        for (var i = 0; i < 20; i++)
        {
            await _api.CreateEventAsync(useCase, Cancellation);
        }

        var grown = _server.MemoryBytes - before;
        Assert.Equal(20, (await _api.QueryAllAsync(useCase, Cancellation)).Count);
        Assert.True(grown < size * MostBytesEach, $"{size} connections cost {grown / size} bytes each.");
        await over.CancelAsync();
        await Task.WhenAll(crowd);
        await _server.StopAsync(Cancellation);
    }

    /// <summary>Connects, says a little, and comes back whenever it is thrown out.</summary>
    private async Task HoldAsync(string start, CancellationToken over)
    {
        var buffer = new byte[256];
        while (!over.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port, over);
                await socket.SendAsync(Encoding.ASCII.GetBytes(start), over);
                while (await socket.ReceiveAsync(buffer, over) > 0)
                {
                }
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException)
            {
            }
        }
    }

    private int Held() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(c => c.State == TcpState.Established && c.LocalEndPoint.Port == _server.Address.Port);

    private static long Descriptors()
    {
        const string Limits = "/proc/self/limits";
        return File.Exists(Limits)
            && File.ReadLines(Limits).First(l => l.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3] is var soft
            && long.TryParse(soft, System.Globalization.CultureInfo.InvariantCulture, out var most) ? most : Crowd * 2;
    }
}
