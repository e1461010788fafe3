extern alias agent;

using System.Net;
using System.Text.Json;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using agent::FleetManager.Agent.Control;
using agent::FleetManager.Agent.Platform;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>The real agent as a process of its own: native if it was published lately, else as built for this program.</summary>
internal sealed class FleetAgent : IAsyncDisposable
{
    private static readonly string s_release = Path.Combine(Stage.Repository, "agent/FleetManager.Agent/bin/Release/net10.0");
    private static readonly string s_native = Path.Combine(s_release, "linux-x64/publish/fleet-agent");
    private static readonly string s_compiled = Path.Combine(AppContext.BaseDirectory, "fleet-agent");

    private readonly GuardedProcess _process;

    private FleetAgent(GuardedProcess process, int port) => (_process, Port) = (process, port);

    /// <summary>Whether the program is native code. An older one than the code is none.</summary>
    public static bool IsNative => File.Exists(s_native) && File.GetLastWriteTimeUtc(s_native) >= File.GetLastWriteTimeUtc(s_compiled + ".dll");

    public static string Kind => IsNative ? "agent" : "agent (just in time)";

    public int Port { get; }

    public TimeSpan Cpu => CpuTime.OfProcess(_process.Id);

    /// <param name="folder">Its data directory; what is stored there stays.</param>
    /// <param name="server">Where it backs up to; null switches the backup off.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<FleetAgent> StartAsync(string folder, Uri? server, CancellationToken cancellationToken)
    {
        await PrepareAsync(folder, server, cancellationToken);
        var port = FreePort.Next();
        var process = await GuardedProcess.StartAsync(
            "TERM", Path.Combine(folder, "log"), [IsNative ? s_native : s_compiled, "run", "--data-dir", folder, "--port", $"{port}"], cancellationToken);
        var agent = new FleetAgent(process, port);
        using var http = new HttpClient();
        await process.UntilAsync(() => IsReadyAsync(http, agent.Url("/health"), cancellationToken), cancellationToken);
        return agent;
    }

    public Uri Url(string path) => new($"http://127.0.0.1:{Port}{path}");

    /// <summary>Events that wait for the backup.</summary>
    public async Task<long> PendingAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var health = JsonDocument.Parse(await http.GetStringAsync(Url("/health"), cancellationToken));
        return health.RootElement.GetProperty("pending_records").GetInt64();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Enrolls it without a server, and sets no bounds.</summary>
    private static async Task PrepareAsync(string folder, Uri? server, CancellationToken cancellationToken)
    {
        using var directory = DataDirectory.Take(folder);
        new Identity(
            (server ?? new Uri("http://127.0.0.1:9")).ToString(), "fd_benchmark", "benchmark", "benchmark", "benchmark", new MqttAddress("127.0.0.1", 9, false, "fleet"), Proved: true)
            .Save(directory.PathOf(Identity.FileName));
        var settings = new SettingsService(new SettingsSlots(directory), NullLogger.Instance);
        var sections = JsonSerializer.SerializeToElement(new
        {
            eventStore = new { maxRecords = 1_000_000_000, maxBytes = 1L << 40, minFreeDiskBytes = 1L << 28, retentionDays = 0 },
            visionEventsBackup = new { enabled = server is not null, defaultUseCaseId = "benchmark", concurrency = 4 },
            logging = new { level = "error" },
        });
        await settings.ApplyAsync(new DesiredSettings(settings.Revision + 1, CanonicalJson.Hash(sections), DateTimeOffset.UnixEpoch, "benchmark", sections), cancellationToken);
        if (settings.Report is not { State: SettingsState.Applied })
        {
            throw new InvalidOperationException($"The agent's settings are not as they must be: {JsonSerializer.Serialize(settings.Report)}");
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri health, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(health, cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
