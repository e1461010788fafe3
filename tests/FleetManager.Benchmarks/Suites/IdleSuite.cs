using System.Globalization;
using System.Text.Json;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>What a native agent costs its device while nothing happens: connected to the broker, reporting as ever. Against the absolute goals.</summary>
internal static class IdleSuite
{
    private const double GoalBytes = 40 * 1024 * 1024;
    private const double GoalShareOfCore = 0.005;

    // A sync report every 30 s and telemetry every 60 s: less would miss what an idle agent does.
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var program = await NativeAgent.PublishAsync(Path.Combine(stage.Folder, "agent"), plan.IsJudged, cancellationToken);
        string[] options = [$"--Fleet:Broker:Port={FreePort.Next()}"];
        var server = await stage.StartServerAsync("idle", options, cancellationToken);
        var token = await server.EnrollmentTokenAsync(cancellationToken);
        var agent = stage.Keep(await NativeAgent.StartAsync(program, Path.Combine(stage.Folder, "device"), server, token, cancellationToken));
        await OnlineAsync(server, cancellationToken);

        // What a start leaves behind is not what an idle agent holds.
        await Task.Delay(plan.WarmUp, TimeProvider.System, cancellationToken);
        var (shares, bytes) = (new List<double>(), new List<double>());
        var window = plan.IsJudged ? s_window : plan.Window;
        for (var round = 0; round < plan.Rounds; round++)
        {
            var (cpu, started) = (agent.Cpu, TimeProvider.System.GetTimestamp());
            await Task.Delay(window, TimeProvider.System, cancellationToken);
            shares.Add((agent.Cpu - cpu) / TimeProvider.System.GetElapsedTime(started));
            bytes.Add(agent.Resident);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  idle: {shares[^1]:p2} of a core, {bytes[^1] / 1048576:0.0} MiB resident"));
        }

        var (share, resident) = (Median(shares), Median(bytes));
        report.Add("", "agent idle with MQTT connected: processor", "0.5 % of a core", string.Create(CultureInfo.InvariantCulture, $"{share:p2}"), share / GoalShareOfCore, null, Bound.Most(1));
        report.Add("", "agent idle with MQTT connected: resident", "40 MiB", string.Create(CultureInfo.InvariantCulture, $"{resident / 1048576:0.0} MiB"), resident / GoalBytes, null, Bound.Most(1));
    }

    private static async Task OnlineAsync(FleetServer server, CancellationToken cancellationToken)
    {
        using var http = server.NewClient();
        while (true)
        {
            var devices = JsonDocument.Parse(await http.GetStringAsync(new Uri("/default/devices/v2", UriKind.Relative), cancellationToken)).RootElement.GetProperty("data");
            if (devices.EnumerateArray().Any(d => d.GetProperty("status").GetString() == "online"))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }

    private static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);
}
