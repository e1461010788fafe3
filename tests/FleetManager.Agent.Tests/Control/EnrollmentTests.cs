using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Agent.Tests.Control;

public sealed class EnrollmentTests : IAsyncLifetime
{
    private AgentFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await AgentFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Enroll_BothLegsWork_KeepsIdentityAndSettings()
    {
        _fixture.Server.Desired = Documents.Of(3, """{"eventStore":{"port":8123}}""");

        var identity = await _fixture.EnrollAsync(name: "camera 1");

        Assert.Equal(("camera 1", "main", true), (identity.Name, identity.Workspace, identity.Proved));
        Assert.Equal(identity, Identity.Load(Path.Combine(_fixture.Folder, Identity.FileName)));
        using var directory = DataDirectory.Take(_fixture.Folder);
        Assert.Equal(3, new SettingsSlots(directory).Load()!.Report.Revision);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_fixture.Folder, Identity.FileName)));
        }
    }

    [Theory]
    [InlineData(401, "does not know the token")]
    [InlineData(410, "can no longer be used")]
    [InlineData(429, "too many enrollments")]
    [InlineData(503, "can not enroll devices now")]
    public async Task Enroll_TokenRefused_SaysWhyAndWhatToDo(int status, string words)
    {
        _fixture.Server.RefusedTokens["fe_bad"] = status;

        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync("fe_bad"));

        Assert.StartsWith("REST:", fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public async Task Enroll_ServerUnreachable_NamesTheLegAndTheAddress()
    {
        using var directory = DataDirectory.Take(_fixture.Folder);
        var nowhere = new Uri($"http://127.0.0.1:{FakeBroker.FreePort()}");

        var fault = await Assert.ThrowsAsync<AgentFault>(() =>
            new Enrollment(directory, TimeProvider.System).RunAsync(nowhere, "fe_x", null, TestContext.Current.CancellationToken));

        Assert.StartsWith("REST: http://127.0.0.1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--server", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(200)]
    [InlineData(302)]
    public async Task Enroll_AtAnotherKindOfServer_SaysSo(int status)
    {
        _fixture.Server.Before = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "https://login.example/";
            await context.Response.WriteAsync("<html>hello</html>");
            return true;
        };

        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());

        Assert.Contains(status == 302 ? "use that address" : "FleetManager server", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_AnswerLost_IsRepeatedForTheSameDevice()
    {
        _fixture.Server.CutAnswer = _ => true;
        await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());
        var key = Identity.Load(Path.Combine(_fixture.Folder, Identity.FileName))!.DeviceKey;
        _fixture.Server.CutAnswer = _ => false;

        var identity = await _fixture.EnrollAsync();

        Assert.Equal(key, identity.DeviceKey);
        Assert.Single(_fixture.Server.Broker.Devices);
    }

    [Fact]
    public async Task Enroll_BrokerUnreachable_FailsAndCanBeFinishedLater()
    {
        _fixture.Server.MqttOverride = new MqttAddress("127.0.0.1", FakeBroker.FreePort(), false, "fleet");
        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());
        Assert.StartsWith("MQTT: the broker 127.0.0.1:", fault.Message, StringComparison.Ordinal);
        Assert.False(Identity.Load(Path.Combine(_fixture.Folder, Identity.FileName))!.Proved);

        // Meanwhile the token ran out, and the broker's address was mended.
        _fixture.Server.MqttOverride = null;
        var identity = await _fixture.EnrollAsync();

        Assert.True(identity.Proved);
        Assert.Equal(_fixture.Server.Broker.Address, identity.Mqtt);
    }

    [Fact]
    public async Task Enroll_FinishedWithASpentToken_Works()
    {
        await _fixture.Server.Broker.StopAsync();
        await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());
        await _fixture.Server.Broker.StartAgainAsync();
        _fixture.Server.RefusedTokens["fe_good"] = 410;

        Assert.True((await _fixture.EnrollAsync()).Proved);
    }

    [Fact]
    public async Task Enroll_BrokerRefusesTheDevice_NamesTheReason()
    {
        _fixture.Server.Before = context =>
        {
            _fixture.Server.Broker.Devices.Clear();
            return Task.FromResult(false);
        };

        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());

        Assert.StartsWith("MQTT:", fault.Message, StringComparison.Ordinal);
        Assert.Contains("BadUserNameOrPassword", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_Twice_SaysHowToEnrollAgain()
    {
        await _fixture.EnrollAsync();

        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.EnrollAsync());

        Assert.Contains("already enrolled", fault.Message, StringComparison.Ordinal);
        Assert.Contains(Identity.FileName, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NotEnrolled_SaysWhatToRun()
    {
        using var directory = DataDirectory.Take(_fixture.Folder);
        using var logging = new AgentLogging();

        var fault = await Assert.ThrowsAsync<AgentFault>(() => DeviceAgent.StartAsync(directory, null, logging, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Contains("fleet-agent enroll", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DataDirectory_TakenTwice_IsRefused()
    {
        using var first = DataDirectory.Take(_fixture.Folder);

        Assert.Contains("another fleet-agent", Assert.Throws<AgentFault>(() => DataDirectory.Take(_fixture.Folder)).Message, StringComparison.Ordinal);
        Assert.True(DataDirectory.IsTaken(_fixture.Folder));
    }

    [Fact]
    public void DataDirectory_NotWritable_NamesTheOption() =>
        Assert.Contains("--data-dir", Assert.Throws<AgentFault>(() => DataDirectory.Take("/proc/agent")).Message, StringComparison.Ordinal);
}
