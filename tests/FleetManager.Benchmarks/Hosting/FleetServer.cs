using System.Net.Http.Headers;
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

    private string[] _configuration = [];

    private FleetServer(GuardedProcess process, int port, string key) => (_process, Port, Key) = (process, port, key);

    public int Port { get; }

    /// <summary>An API key that may do everything.</summary>
    public string Key { get; }

    public TimeSpan Cpu => CpuTime.OfProcess(_process.Id);

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public static async Task<FleetServer> StartAsync(string folder, string[] options, CancellationToken cancellationToken)
    {
        string[] configuration = [$"--Fleet:DataDirectory={folder}", "--Fleet:Broker:Port=0", .. options];
        var key = await Shell.RunAsync(s_program, ["admin", "api-key", "create", "--name", "benchmark", .. configuration], cancellationToken);
        var server = await StartAsync(Path.Combine(folder, "log"), [s_program, .. configuration], key, cancellationToken);
        server._configuration = configuration;
        return server;
    }

    /// <summary>Lets one device in.</summary>
    public Task<string> EnrollmentTokenAsync(CancellationToken cancellationToken) =>
        Shell.RunAsync(s_program, ["admin", "enrollment-token", "create", .. _configuration], cancellationToken);

    /// <summary>The same in another guise: <see cref="Variants.Variant"/>.</summary>
    public static Task<FleetServer> StartVariantAsync(string variant, string folder, string[] options, string key, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string[] command = [Environment.ProcessPath!, "variant", variant, $"--Fleet:DataDirectory={folder}", "--Fleet:Broker:Port=0", .. options];
        return StartAsync(Path.Combine(folder, "log"), command, key, cancellationToken);
    }

    /// <summary>For what is not measured.</summary>
    public HttpClient NewClient()
    {
        var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return http;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<FleetServer> StartAsync(string log, IEnumerable<string> command, string key, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var process = await GuardedProcess.StartAsync("TERM", log, [.. command, $"--urls=http://127.0.0.1:{port}"], cancellationToken);
        var server = new FleetServer(process, port, key);
        using var http = server.NewClient();
        await process.UntilAsync(() => IsReadyAsync(http, cancellationToken), cancellationToken);
        return server;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync("/health/ready", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
