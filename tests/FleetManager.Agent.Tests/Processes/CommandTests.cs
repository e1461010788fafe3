using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Processes;

public sealed class CommandTests : IAsyncLifetime
{
    private AgentFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await AgentFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Enroll_ThenStatus_TellsWhoItIs()
    {
        var (exit, output, errors) = await AgentProcess.CommandAsync(
            "enroll", "--server", _fixture.Server.Address.ToString(), "--token", "fe_good", "--name", "line 3", "--data-dir", _fixture.Folder);
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("REST and MQTT work", output, StringComparison.Ordinal);

        var status = await AgentProcess.CommandAsync("status", "--json", "--data-dir", _fixture.Folder);
        using var document = JsonDocument.Parse(status.Output);
        Assert.Equal(_fixture.DeviceId, document.RootElement.GetProperty("deviceId").GetString());
        Assert.False(document.RootElement.GetProperty("running").GetBoolean());
        Assert.Equal(0, document.RootElement.GetProperty("sync").GetProperty("pending_records").GetInt64());
    }

    [Fact]
    public async Task Enroll_TokenRefused_IsOneSentenceAndANonZeroExit()
    {
        _fixture.Server.RefusedTokens["fe_used"] = 410;

        var (exit, output, errors) = await AgentProcess.CommandAsync(
            "enroll", "--server", _fixture.Server.Address.ToString(), "--token", "fe_used", "--data-dir", _fixture.Folder);

        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("REST: the token can no longer be used", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Run_PortTaken_NamesTheSettingAndStops()
    {
        await _fixture.EnrollAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var (exit, _, errors) = await AgentProcess.CommandAsync("run", "--data-dir", _fixture.Folder, "--port", $"{((IPEndPoint)other.LocalEndpoint).Port}");

        Assert.Equal(1, exit);
        Assert.Contains("eventStore.port", errors, StringComparison.Ordinal);
    }
}
