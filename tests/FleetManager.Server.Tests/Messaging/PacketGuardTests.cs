using System.Net.Sockets;
using FleetManager.Server.Messaging;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;

namespace FleetManager.Server.Tests.Messaging;

/// <summary>What a hostile connection can make the broker hold: little, and not for long.</summary>
public sealed class PacketGuardTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    /// <summary>A PUBLISH header and four length bytes that claim 256 MB.</summary>
    private static readonly byte[] s_claim = [0x30, 0xFF, 0xFF, 0xFF, 0x7F];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x10, 0x81, 0x80, 0x04 })]
    public async Task Packet_ClaimsTooMuchBeforeConnect_IsCut(byte[] packet)
    {
        var fleet = shared.Application;
        using var client = await OpenAsync(fleet);

        await client.GetStream().WriteAsync(packet, Cancellation);

        Assert.True(await EndsAsync(client));
    }

    [Fact]
    public async Task Packet_Claims256MegabytesAfterConnect_IsCutWithoutAllocation()
    {
        var fleet = shared.Application;
        using var client = await OpenAsync(fleet);
        await ConnectAsync(client, await fleet.AddDeviceAsync());
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await client.GetStream().WriteAsync(s_claim, Cancellation);

        Assert.True(await EndsAsync(client));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 64L << 20);
    }

    [Fact]
    public async Task Packet_Over256KilobytesAfterConnect_IsCutAndSmallerIsAnswered()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);
        var topic = $"fleet/v1/devices/{device.Id}/up/sync";

        var answer = await agent.PublishAsync(topic, new byte[200 * 1024]);
        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, answer.ReasonCode);

        var ended = new TaskCompletionSource();
        agent.Client.DisconnectedAsync += _ =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        _ = agent.PublishAsync(topic, new byte[257 * 1024]);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Packet_EndsHalfWay_EndsTheSession()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        using var client = await OpenAsync(fleet);
        await ConnectAsync(client, device);
        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<DeviceLink>().IsOpen(device.Id)), open => open);

        await client.GetStream().WriteAsync(new byte[] { 0x30, 0x64, 0x00 }, Cancellation);
        client.Client.Shutdown(SocketShutdown.Send);

        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<DeviceLink>().IsOpen(device.Id)), open => !open);
    }

    [Fact]
    public async Task Connection_SaysNothing_IsCutAtTheDeadline()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await FleetApplication.StartAsync(configure: web =>
            web.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        using var silent = await OpenAsync(fleet);
        using var known = await OpenAsync(fleet);
        await ConnectAsync(known, await fleet.AddDeviceAsync());
        await silent.GetStream().WriteAsync(new byte[] { 0x10 }, Cancellation);
        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<ConnectionGuard>().Pending), pending => pending == 1);

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(await EndsAsync(silent));
        await known.GetStream().WriteAsync(new byte[] { 0xC0, 0x00 }, Cancellation);
        var pong = new byte[2];
        await known.GetStream().ReadExactlyAsync(pong, Cancellation);
        Assert.Equal([0xD0, 0x00], pong);
    }

    [Fact]
    public async Task Connections_OfOneAddressThatProveNothing_AreLimited()
    {
        await using var fleet = await FleetApplication.StartAsync(configure: web => web.UseSetting("Fleet:Broker:MaxPendingPerAddress", "3"));
        var device = await fleet.AddDeviceAsync();
        var pending = new List<TcpClient>();
        for (var i = 0; i < 3; i++)
        {
            pending.Add(await OpenAsync(fleet));
        }

        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<ConnectionGuard>().Pending), count => count == 3);
        Assert.True(await IsTurnedAwayAsync(fleet));

        // A connection that proves itself makes room for another.
        await ConnectAsync(pending[0], device);
        using var next = await OpenAsync(fleet);
        await ConnectAsync(next, await fleet.AddDeviceAsync("second"));
        pending.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Connect_ManyWrongKeysFromOneAddress_HoldUpNoRightOne()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await FleetApplication.StartAsync(configure: web =>
            web.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        var device = await fleet.AddDeviceAsync();
        for (var i = 0; i < 100; i++)
        {
            await using var wrong = new FakeAgent(fleet, device with { Secret = "fd_guess" });
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await wrong.ConnectAsync()).ResultCode);
        }

        await using var guessing = new FakeAgent(fleet, device with { Secret = "fd_guess" });
        Assert.Equal(MqttClientConnectResultCode.ServerBusy, (await guessing.ConnectAsync()).ResultCode);
        Assert.Single(fleet.Logs.Entries, e => e.Contains("were refused: unknown device", StringComparison.Ordinal));

        // A hundred misconfigured devices behind one router keep no good one out.
        await using var good = await FakeAgent.ConnectedAsync(fleet, device);

        time.Advance(TimeSpan.FromMinutes(1));
        await using var later = new FakeAgent(fleet, device with { Secret = "fd_guess" });
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await later.ConnectAsync()).ResultCode);
    }

    private static async Task<TcpClient> OpenAsync(FleetApplication fleet)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", fleet.Service<DeviceLink>().Port, Cancellation);
        return client;
    }

    private static async Task<bool> IsTurnedAwayAsync(FleetApplication fleet)
    {
        try
        {
            using var client = await OpenAsync(fleet);
            return await EndsAsync(client);
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>A minimal MQTT 3.1.1 CONNECT, and its answer: accepted.</summary>
    private static async Task ConnectAsync(TcpClient client, TestDevice device)
    {
        byte[] body = [0, 4, .. "MQTT"u8, 4, 0xC2, 0, 60, .. Text(device.Id.Value), .. Text(device.Id.Value), .. Text(device.Secret)];
        byte[] packet = body.Length < 128 ? [0x10, (byte)body.Length, .. body] : [0x10, (byte)(body.Length % 128 | 128), (byte)(body.Length / 128), .. body];
        await client.GetStream().WriteAsync(packet, Cancellation);
        var answer = new byte[4];
        await client.GetStream().ReadExactlyAsync(answer, Cancellation);
        Assert.Equal([0x20, 2, 0, 0], answer);
    }

    private static byte[] Text(string text) => [(byte)(text.Length / 256), (byte)(text.Length % 256), .. System.Text.Encoding.UTF8.GetBytes(text)];

    /// <summary>True when the server ends the connection without a word.</summary>
    private static async Task<bool> EndsAsync(TcpClient client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            return await client.GetStream().ReadAsync(new byte[16], patience.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
