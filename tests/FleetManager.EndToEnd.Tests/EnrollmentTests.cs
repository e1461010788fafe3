using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The enrollment command either works or says in one sentence which leg failed, why, and what to do.</summary>
public sealed class EnrollmentTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly TempDirectory _elsewhere = new();
    private readonly ServerProcess _server;

    public EnrollmentTests() => _server = new ServerProcess(_directory);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Enroll_ValidToken_ProvesBothLegs()
    {
        var result = await EnrollAsync(_server.Address, await _server.NewEnrollmentTokenAsync(Cancellation));

        result.Succeeded();
    }

    [Fact]
    public async Task Enroll_WrongToken_SaysThatTheTokenIsUnknown() =>
        Refused(await EnrollAsync(_server.Address, "fe_" + new string('0', 64)), "token");

    [Fact]
    public async Task Enroll_ExpiredToken_SaysSo()
    {
        var token = await _server.NewEnrollmentTokenAsync(Cancellation, "--expires", "1s", "--uses", "1000");
        CommandResult? refused = null;

        // Each try enrolls a device of its own until the second is over: only the clock of the server decides.
        await Poll.UntilAsync(
            async () => (refused = await EnrollAsync(_server.Address, token)).ExitCode != 0,
            () => "the token to expire",
            Cancellation);

        Refused(refused!, "expired");
    }

    [Fact]
    public async Task Enroll_TokenUsedUp_SaysSo()
    {
        var token = await _server.NewEnrollmentTokenAsync(Cancellation, "--uses", "1");
        (await EnrollAsync(_server.Address, token)).Succeeded();

        Refused(await EnrollAsync(_server.Address, token), "used");
    }

    [Fact]
    public async Task Enroll_ServerUnreachable_NamesTheAddress()
    {
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Next()}/");

        Refused(await EnrollAsync(nobody, "fe_" + new string('0', 64)), nobody.Authority);
    }

    [Fact]
    public async Task Enroll_BrokerUnreachable_NamesTheLegAndTheBroker()
    {
        // Nobody listens there: the broker is on 127.0.0.1 alone.
        await using var server = new ServerProcess(_elsewhere, "--Fleet:Broker:PublicHost=127.0.0.9");
        await server.StartAsync(Cancellation);

        var result = await EnrollAsync(server.Address, await server.NewEnrollmentTokenAsync(Cancellation));

        Refused(result, "MQTT");
        Refused(result, "127.0.0.9");
    }

    private async Task<CommandResult> EnrollAsync(Uri server, string token) =>
        await CommandResult.RunDotnetAsync(
            Repository.AgentDll,
            ["enroll", "--server", server.ToString(), "--token", token, "--name", "bench", "--data-dir", _directory.At(Guid.NewGuid().ToString("N"))],
            Cancellation);

    private static void Refused(CommandResult result, string expected)
    {
        Assert.True(result.ExitCode != 0, result.Output);
        var sentence = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, sentence, StringComparison.OrdinalIgnoreCase);
    }
}
