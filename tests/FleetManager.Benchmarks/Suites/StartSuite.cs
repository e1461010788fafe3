extern alias agent;

using System.Globalization;
using System.Text;
using agent::FleetManager.Agent.Control;
using agent::FleetManager.Agent.EventStore;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Benchmarks.Suites;

/// <summary>The real agent, started on a store with a million pending events: when it answers, what it holds in memory, what it costs at rest.</summary>
internal static class StartSuite
{
    private const int Pending = 1_000_000;
    private const double MostSeconds = 3;
    private const double MostMegabytes = 150;
    private const int Producers = 64;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var events = Math.Min(Pending, plan.Events);
        var folder = Path.Combine(stage.Folder, "agent");
        await FillAsync(Path.Combine(folder, "store"), events, cancellationToken);

        // Enrolled at a server that is out of reach: nothing drains.
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        new Identity(nobody.ToString(), "key", "benchmark", "benchmark", "benchmark", new MqttAddress("127.0.0.1", FreePort.Next(), false, "fleet"), Proved: true)
            .Save(Path.Combine(folder, Identity.FileName));

        var (seconds, megabytes, cpu) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            var port = FreePort.Next();
            var started = TimeProvider.System.GetTimestamp();
            await using var agent = await GuardedProcess.StartAsync(
                "KILL",
                Path.Combine(stage.Folder, "agent.log"),
                ["dotnet", Path.Combine(AppContext.BaseDirectory, "fleet-agent.dll"), "run", "--data-dir", folder, "--port", port.ToString(CultureInfo.InvariantCulture)],
                cancellationToken);
            using var client = new HttpClient();
            await agent.UntilAsync(() => AnswersAsync(client, port, cancellationToken), cancellationToken);
            seconds.Add(TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            var (at, before) = (TimeProvider.System.GetTimestamp(), CpuTime.OfProcess(agent.Id));
            await Task.Delay(plan.Window, TimeProvider.System, cancellationToken);
            cpu.Add((CpuTime.OfProcess(agent.Id) - before) / TimeProvider.System.GetElapsedTime(at) * 100);
            megabytes.Add(PeakMegabytes(agent.Id));
        }

        Add("start to the first answer, s", seconds, MostSeconds);
        Add("most memory, MB", megabytes, MostMegabytes);
        report.Add("idle", string.Create(CultureInfo.InvariantCulture, $"{events:n0} pending, server out of reach: % of a core"), "0.5 %", Text(cpu), Median(cpu) / 0.5, null, null);

        void Add(string work, List<double> figures, double most) => report.Add(
            "start", string.Create(CultureInfo.InvariantCulture, $"{events:n0} pending, after kill -9: {work}"), string.Create(CultureInfo.InvariantCulture, $"{most}"), Text(figures), Median(figures) / most, Bound.Most(1), null);
    }

    private static async Task FillAsync(string folder, int events, CancellationToken cancellationToken)
    {
        var policy = new StorePolicy(new EventStoreSettings { MinFreeDiskBytes = 0, MaxRecords = int.MaxValue }, new BackupSettings { Enabled = true });
        await using var store = DeviceStore.Open(folder, () => policy, NullLogger.Instance, TimeProvider.System);
        var body = Encoding.UTF8.GetBytes("""{"eventType":"custom","eventData":{},"timestamp":"2026-01-02T03:04:05Z","comment":"@"}""".Replace("@", new string('x', 700), StringComparison.Ordinal));
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    await store.AcceptAsync(new NewEvent(new StoredEvent(Guid.CreateVersion7().ToString(), "line-3", null, body, null), [], Draft: false), cancellationToken);
                }
            },
            cancellationToken)));
    }

    private static async Task<bool> AnswersAsync(HttpClient client, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static double PeakMegabytes(int process) => double.Parse(
        File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;

    private static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);

    private static string Text(List<double> figures) => string.Create(CultureInfo.InvariantCulture, $"{Median(figures):0.00} [{figures.Min():0.00}–{figures.Max():0.00}]");
}
