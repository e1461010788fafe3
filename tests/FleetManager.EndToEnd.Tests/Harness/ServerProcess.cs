using System.Globalization;
using System.Text.RegularExpressions;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>A real server on a data directory and ports of its own, which can be killed and started again.</summary>
internal sealed partial class ServerProcess(TempDirectory directory, params string[] options) : IAsyncDisposable
{
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int _httpPort = FreePort.Next();
    private readonly int _brokerPort = FreePort.Next();
    private ChildProcess? _process;

    public Uri Address => new($"http://127.0.0.1:{_httpPort.ToString(CultureInfo.InvariantCulture)}/");

    public string DataDirectory => directory.At("server");

    /// <summary>Variables for the process beside those of the test.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string Output => _process?.Output ?? "";

    /// <summary>Memory that the process holds in RAM now.</summary>
    public long MemoryBytes => Running().MemoryBytes;

    /// <summary>Arguments of the program, which are also those of its admin commands.</summary>
    public string[] Arguments =>
    [
        $"--Fleet:DataDirectory={DataDirectory}",
        $"--Fleet:Broker:Port={_brokerPort.ToString(CultureInfo.InvariantCulture)}",
        "--urls",
        Address.ToString().TrimEnd('/'),
        .. options,
    ];

    public async Task StartAsync(CancellationToken cancellation)
    {
        _process = ChildProcess.StartDotnet("server", Repository.ServerDll, Arguments, Variables);
        await Poll.UntilAsync(() => IsReadyAsync(cancellation), () => $"the server at {Address} to be ready.{Output}", cancellation, s_startPatience);
    }

    public Task KillAsync() => Running().KillAsync();

    public async Task StopAsync(CancellationToken cancellation)
    {
        var exit = await Running().StopAsync(cancellation);
        Assert.True(exit == 0, $"The server ended with {exit}.{Output}");
    }

    /// <summary>The one-time link to make the first admin, printed as long as there is no user.</summary>
    public async Task<Uri> FirstAdminLinkAsync(CancellationToken cancellation) =>
        new((await Running().FindAsync(OneTimeLink(), s_startPatience, cancellation)).Value);

    /// <summary>Runs an admin command beside the running server and gives what it printed.</summary>
    public async Task<string> AdminAsync(CancellationToken cancellation, params string[] command) =>
        (await CommandResult.RunDotnetAsync(Repository.ServerDll, ["admin", .. command, .. Arguments], cancellation)).Succeeded();

    public Task<string> NewEnrollmentTokenAsync(CancellationToken cancellation, params string[] options) =>
        AdminAsync(cancellation, ["enrollment-token", "create", .. options]);

    public async Task<FleetApi> NewApiAsync(CancellationToken cancellation) =>
        new(Address, await AdminAsync(cancellation, "api-key", "create", "--name", "test"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private ChildProcess Running() => _process ?? throw new InvalidOperationException("The server was not started.");

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        Assert.False(Running().HasExited, $"The server ended at its start.{Output}");
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "health/ready"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    [GeneratedRegex("https?://\\S*fl_[0-9a-f]{64}\\S*")]
    private static partial Regex OneTimeLink();
}
