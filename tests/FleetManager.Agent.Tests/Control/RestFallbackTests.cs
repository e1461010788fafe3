using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Control;

public sealed class RestFallbackTests
{
    [Fact]
    public async Task MqttBlocked_ForAMinute_SettingsComeAndReportsGoByRest()
    {
        using var folder = new TemporaryFolder();
        using var directory = DataDirectory.Take(folder.Path);
        await using var server = await FakeServer.StartAsync(TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        server.AddDevice("device-1", "fd_key");
        server.Desired = Documents.Of(9, """{"telemetry":{"intervalSeconds":5}}""");
        var identity = new Identity(server.Address.AbsoluteUri, "fd_key", "device-1", "camera", "main", server.Broker.Address, Proved: true);
        var settings = new SettingsService(new SettingsSlots(directory), NullLogger.Instance);
        var uplinks = new Uplinks(identity.Device(), boot: 3, time);
        settings.Decided += uplinks.Say;
        var neverConnected = new MqttLink(identity, uplinks, settings, HardwareProbe.Read(folder.Path), time, NullLogger.Instance);
        using var http = new ServerHttp(server.Address, identity.DeviceKey, time);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(
            new RestFallback(new AgentRoutes(http), settings, uplinks, neverConnected, time, NullLogger.Instance).RunAsync(stop.Token),
            settings.RunAsync(time, stop.Token));

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(server.Requests);
        time.Advance(TimeSpan.FromSeconds(2));

        await Eventually.TrueAsync(() => settings.Current.Telemetry.IntervalSeconds == 5, "applied");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(61));
                return !server.Reports.IsEmpty;
            },
            "reported");
        Assert.Equal(("settings", 3), (server.Reports.First().Type, server.Reports.First().Boot));
        Assert.Equal("applied", server.Reports.First().Body.GetProperty("state").GetString());

        // What has not changed is not sent again.
        Assert.Equal(1, server.SettingsSent);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
