using System.Net.Sockets;
using System.Text;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Platform;

/// <summary>What systemd hears, on a socket as it makes one.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ServiceManagerTests()
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _systemd.ReceiveTimeout = 10_000;
    }

    private string SocketPath => Path.Combine(_folder.Path, "notify");

    public void Dispose()
    {
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Service_SaysReady_GivesSignsOfLifeInTime_AndSaysThatItStops()
    {
        var time = new FakeTimeProvider();
        var service = new ServiceManager(SocketPath, TimeSpan.FromSeconds(60));
        using var stop = new CancellationTokenSource();

        service.Ready("listens");
        Assert.Equal("READY=1\nSTATUS=listens", Heard());
        var watching = service.WatchAsync(() => true, time, stop.Token);
        Assert.Equal("WATCHDOG=1", Heard());
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return _systemd.Available > 0;
            },
            "again");
        Assert.Equal("WATCHDOG=1", Heard());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        service.Stopping();
        Assert.StartsWith("STOPPING=1", Heard(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_ThatHangs_GivesNoSign()
    {
        using var hang = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        var watching = new ServiceManager(SocketPath, TimeSpan.FromSeconds(60)).WatchAsync(
            () =>
            {
                asked.SetResult();
                return hang.Wait(Timeout.Infinite, TestContext.Current.CancellationToken) || true;
            },
            TimeProvider.System,
            stop.Token);
        await asked.Task;

        Assert.Equal(0, _systemd.Available);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        hang.Set();
    }

    [Fact]
    public async Task Program_ThatIsNoService_TellsNothing()
    {
        var service = new ServiceManager(null, TimeSpan.FromSeconds(60));
        service.Ready("x");
        await service.WatchAsync(() => true, TimeProvider.System, TestContext.Current.CancellationToken);
        new ServiceManager(Path.Combine(_folder.Path, "nobody"), null).Stopping();
        Assert.Equal(0, _systemd.Available);
    }

    private string Heard()
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer));
    }
}
