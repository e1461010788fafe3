using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.FaultLab.Tests;

/// <summary><c>fleet-sim fleet</c> against a real server.</summary>
public sealed class FleetTests : IAsyncLifetime
{
    private const int Devices = 3;

    private readonly TempDirectory _directory = new();
    private readonly ServerProcess _server;

    public FleetTests() => _server = new ServerProcess(_directory);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("bursty")]
    [InlineData("satellite")]
    [InlineData("off-on")]
    public async Task Fleet_OfAFewDevices_EnrollsSendsAndLosesNothing(string profile)
    {
        using var api = await _server.NewApiAsync(Cancellation);
        var useCase = await api.CreateUseCaseAsync(profile, Cancellation);
        var token = await _server.NewEnrollmentTokenAsync(Cancellation, "--uses", $"{Devices}");

        var run = await RunAsync(
            "--devices", $"{Devices}", "--server", _server.Address.ToString(), "--token", token, "--api-key", api.Key,
            "--profile", profile, "--period", "2", "--use-case", useCase, "--rate", "10", "--seconds", "6");

        var held = (await api.QueryAllAsync(useCase, Cancellation)).Count;
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.True(held > 0, run.Output);
        Assert.Contains($"devices {Devices}, sent {held}, acknowledged {held}, pending 0, parked 0, lost 0, refused 0", run.Output, StringComparison.Ordinal);
        Assert.Contains("latency from the 201 to the receipt: p50 ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fleet_WithAWrongToken_SaysSo()
    {
        var run = await RunAsync("--devices", "1", "--server", _server.Address.ToString(), "--token", "fe_wrong");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("token", run.Output, StringComparison.Ordinal);
    }

    private static async Task<CommandResult> RunAsync(params string[] arguments)
    {
        await using var fleet = ChildProcess.StartDotnet("fleet", Repository.SimulatorDll, ["fleet", .. arguments]);
        return new CommandResult(await fleet.ExitAsync(TimeSpan.FromMinutes(3), Cancellation), fleet.Output, "");
    }
}
