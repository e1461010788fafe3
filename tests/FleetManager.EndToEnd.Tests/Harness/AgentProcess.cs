using System.Globalization;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Sync;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>A real agent on a data directory and a port of its own, which can be killed and started again.</summary>
internal sealed class AgentProcess(TempDirectory directory) : IAsyncDisposable
{
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int _port = FreePort.Next();
    private ChildProcess? _process;

    public Uri Store => new($"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/");

    public string DataDirectory => directory.At("agent");

    public string Output => _process?.Output ?? "";

    public async Task EnrollAsync(Uri server, string token, string name, CancellationToken cancellation) =>
        (await CommandResult.RunDotnetAsync(
            Repository.AgentDll,
            ["enroll", "--server", server.ToString(), "--token", token, "--name", name, "--data-dir", DataDirectory],
            cancellation)).Succeeded();

    public async Task StartAsync(CancellationToken cancellation)
    {
        _process = ChildProcess.StartDotnet(
            "agent",
            Repository.AgentDll,
            ["run", "--data-dir", DataDirectory],
            new Dictionary<string, string> { ["FLEET_AGENT_PORT"] = _port.ToString(CultureInfo.InvariantCulture) });
        await Poll.UntilAsync(() => IsHealthyAsync(cancellation), () => $"the agent at {Store} to answer.{Output}", cancellation, s_startPatience);
    }

    public Task KillAsync() => Running().KillAsync();

    public async Task StopAsync(CancellationToken cancellation)
    {
        var exit = await Running().StopAsync(cancellation);
        Assert.True(exit == 0, $"The agent ended with {exit}.{Output}");
    }

    /// <summary>The sync report that <c>fleet-agent status --json</c> shows.</summary>
    public async Task<SyncReport> ReportAsync(CancellationToken cancellation)
    {
        var status = await CommandResult.RunDotnetAsync(Repository.AgentDll, ["status", "--json", "--data-dir", DataDirectory], cancellation);
        using var document = JsonDocument.Parse(status.Succeeded());
        return document.RootElement.GetProperty("sync").Deserialize(ContractsJson.Default.SyncReport)!;
    }

    /// <summary>Waits until more events than these have left for the server, and gives how many.</summary>
    public Task<long> SyncedBeyondAsync(long synced, CancellationToken cancellation) => Poll.ForAsync(
        async () =>
        {
            using var health = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Store, "health"), cancellation));
            var now = health.RootElement.GetProperty("records").GetInt64() - health.RootElement.GetProperty("pending_records").GetInt64();
            return now > synced ? now : (long?)null;
        },
        () => $"more than {synced} events to be synced.{Output}",
        cancellation);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private ChildProcess Running() => _process ?? throw new InvalidOperationException("The agent was not started.");

    private async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        Assert.False(Running().HasExited, $"The agent ended at its start.{Output}");
        try
        {
            using var answer = await _http.GetAsync(new Uri(Store, "health"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
