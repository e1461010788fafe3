using System.Globalization;
using FleetManager.Agent.Platform;

namespace FleetManager.Simulator.Fleet;

/// <summary>Runs a fleet: enrolls, starts, produces, drains, and adds up.</summary>
internal sealed class FleetRun(FleetOptions options, TextWriter output)
{
    private const int EnrollingAtOnce = 8;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_progress = TimeSpan.FromSeconds(5);

    private readonly List<TimeSpan> _latencies = [];

    /// <summary>0 when every event was acknowledged, 1 when some were not or were lost.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-sim-");
        var devices = Enumerable.Range(1, options.Devices)
            .Select(n => new SimulatedDevice(Path.Combine(folder.FullName, n.ToString(CultureInfo.InvariantCulture)), options)).ToList();
        var links = new List<ShapedLink>();
        try
        {
            await EnrollAsync(devices, cancellation);
            links.AddRange(Links(devices));
            foreach (var device in devices)
            {
                await device.StartAsync(cancellation);
            }

            await ProduceAsync(devices, cancellation);
            links.ForEach(l => l.IsHealed = true);
            await WatchAsync(devices, () => devices.TrueForAll(IsDrained), options.Drain, CancellationToken.None);
            return await SumUpAsync(devices);
        }
        catch (AgentFault e)
        {
            throw new SimulatorException(e.Message);
        }
        finally
        {
            await Parallel.ForEachAsync(devices, CancellationToken.None, async (device, _) => await device.DisposeAsync());
            await Task.WhenAll(links.Select(l => l.DisposeAsync().AsTask()));
            folder.Delete(recursive: true);
        }
    }

    private async Task EnrollAsync(List<SimulatedDevice> devices, CancellationToken cancellation)
    {
        using var backup = options.ApiKey is { } key ? new BackupSwitch(options.Server, key) : null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = EnrollingAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(devices.Index(), parallel, async (numbered, token) =>
        {
            await numbered.Item.EnrollAsync(string.Create(CultureInfo.InvariantCulture, $"sim-{numbered.Index + 1:0000}"), token);
            if (backup is not null)
            {
                await backup.TurnOnAsync(numbered.Item.DeviceId, token);
            }
        });
        await output.WriteLineAsync($"enrolled {devices.Count} devices");
    }

    private List<ShapedLink> Links(List<SimulatedDevice> devices)
    {
        if (options.Profile.Link is not { } profile)
        {
            return [];
        }

        var (host, port) = devices[0].Broker();
        var server = new ShapedLink(options.Server.Host, options.Server.Port, profile, TimeProvider.System);
        var broker = new ShapedLink(host, port, profile, TimeProvider.System);
        devices.ForEach(d => d.Reroute(server.Port, broker.Port));
        return [server, broker];
    }

    private async Task ProduceAsync(List<SimulatedDevice> devices, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var producing = Task.WhenAll(devices.Select(d => d.ProduceAsync(http, end.Token)));
        await WatchAsync(devices, () => producing.IsCompleted, options.Duration ?? Timeout.InfiniteTimeSpan, cancellation);
        await end.CancelAsync();
        try
        {
            await producing;
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Asks the agents and shows progress, until it is done or the time is up.</summary>
    private async Task WatchAsync(List<SimulatedDevice> devices, Func<bool> isDone, TimeSpan time, CancellationToken cancellation)
    {
        var (began, shown) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp());
        while (!cancellation.IsCancellationRequested && (time == Timeout.InfiniteTimeSpan || TimeProvider.System.GetElapsedTime(began) < time))
        {
            await Task.WhenAll(devices.Select(d => AskAsync(d)));
            if (isDone())
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(shown) > s_progress)
            {
                shown = TimeProvider.System.GetTimestamp();
                await output.WriteLineAsync(Progress(devices));
            }

            await Task.Delay(s_poll, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task AskAsync(SimulatedDevice device)
    {
        var latencies = new List<TimeSpan>();
        await device.AskAsync(latencies, CancellationToken.None);
        lock (_latencies)
        {
            _latencies.AddRange(latencies);
        }
    }

    private async Task<int> SumUpAsync(List<SimulatedDevice> devices)
    {
        var (sent, acknowledged, parked) = (devices.Sum(d => d.Sent), devices.Sum(d => d.Report?.BackedUpRecords ?? 0), devices.Sum(d => d.Report?.ParkedRecords ?? 0));
        var pending = devices.Sum(d => d.Report?.PendingRecords ?? 0);
        var lost = devices.Sum(d => d.Report?.DeclaredLostRecords ?? 0) + Math.Max(0, sent - devices.Sum(d => d.Report?.LastSeq ?? 0));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"devices {devices.Count}, sent {sent}, acknowledged {acknowledged}, pending {pending}, parked {parked}, lost {lost}, refused {devices.Sum(d => d.Refused)}"));
        if (devices.Find(d => d.Refusal is not null) is { Refusal: { } refusal })
        {
            await output.WriteLineAsync($"refused, for example: {refusal}");
        }

        await output.WriteLineAsync(Latency());
        return sent == acknowledged && lost == 0 ? 0 : 1;
    }

    private static string Progress(List<SimulatedDevice> devices) => string.Create(
        CultureInfo.InvariantCulture,
        $"sent {devices.Sum(d => d.Sent)}, acknowledged {devices.Sum(d => d.Report?.BackedUpRecords ?? 0)}, pending {devices.Sum(d => d.Report?.PendingRecords ?? 0)}, connected {devices.Count(d => d.Mqtt == "connected")} of {devices.Count}");

    // Seen by asking, so no finer than the pause between two questions.
    private string Latency()
    {
        if (_latencies.Count == 0)
        {
            return "latency unknown: nothing was acknowledged";
        }

        _latencies.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"latency from the 201 to the receipt: p50 {At(0.5):0.0} s, p95 {At(0.95):0.0} s, p99 {At(0.99):0.0} s, longest {_latencies[^1].TotalSeconds:0.0} s");

        double At(double part) => _latencies[(int)(part * (_latencies.Count - 1))].TotalSeconds;
    }

    private static bool IsDrained(SimulatedDevice device) => device.Report is { PendingRecords: 0 } report && report.LastSeq >= device.Sent;
}
