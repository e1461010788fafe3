using System.Reflection;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>The real server, as built in the configuration of this program, as a process of its own.</summary>
internal sealed class FleetServer : IAsyncDisposable
{
    private static readonly string s_program = Path.Combine(
        Stage.Repository,
        "src/FleetManager.Server/bin",
        typeof(FleetServer).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        "net10.0/FleetManager.Server");

    private readonly GuardedProcess _process;

    private FleetServer(GuardedProcess process, int port, string key) => (_process, Port, Key) = (process, port, key);

    public int Port { get; }

    /// <summary>An API key that may do everything.</summary>
    public string Key { get; }

    public int ProcessId => _process.Id;

    public TimeSpan Cpu => CpuTime.OfProcess(_process.Id);

    public static async Task<FleetServer> StartAsync(string folder, string[] database, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string[] configuration = [$"--Fleet:DataDirectory={folder}", "--Fleet:Broker:Port=0", .. database];
        var key = await Shell.RunAsync(s_program, ["admin", "api-key", "create", "--name", "benchmark", .. configuration], cancellationToken);
        return await StartAsync(Path.Combine(folder, "log"), [s_program, .. configuration], key, cancellationToken);
    }

    /// <summary>Another program that answers like the server on the address that it is given as <c>--urls</c>.</summary>
    public static async Task<FleetServer> StartAsync(string log, IEnumerable<string> command, string key, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var address = $"http://127.0.0.1:{port}";
        var process = await GuardedProcess.StartAsync("TERM", log, [.. command, "--urls", address], cancellationToken);
        using var http = new HttpClient();
        await process.UntilAsync(() => IsReadyAsync(http, new Uri($"{address}/health/ready"), cancellationToken), cancellationToken);
        return new FleetServer(process, port, key);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
