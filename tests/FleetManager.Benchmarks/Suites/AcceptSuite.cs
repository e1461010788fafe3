using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>What producers on a device get: one event a request, on disk before its answer.</summary>
internal static class AcceptSuite
{
    private const int ImageBytes = 100_000;
    private const int FileThreads = 4;

    // As many cameras as a device may have, each at a pace that leaves the processors to others.
    private const int Cameras = 16;
    private const int EventsOfACamera = 25;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        await RateAsync(stage, plan, report, cancellationToken);
        await ImagesAsync(stage, plan, report, cancellationToken);
        await BacklogAsync(stage, plan, report, cancellationToken);
    }

    private static async Task RateAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        await using var agent = await FleetAgent.StartAsync(Path.Combine(stage.Folder, "rate"), server: null, cancellationToken);
        using var journal = new BareJournal(Path.Combine(stage.Folder, "bare.db"));
        var load = new AcceptLoad(agent);
        await load.RunAsync(64, plan.WarmUp, cancellationToken);
        journal.Run(plan.Window);

        var bare = new Series($"bare SQLite, synchronous FULL, {BareJournal.Group} a commit");
        var (producers64, producers1) = (new Series($"{FleetAgent.Kind}, 64 producers"), new Series($"{FleetAgent.Kind}, 1 producer"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            bare.Add(journal.Run(plan.Window));
            producers64.Add(await load.RunAsync(64, plan.Window, cancellationToken));
            producers1.Add(await load.RunAsync(1, plan.Window, cancellationToken));
        }

        report.Add("9", producers64.Name, $"{bare.Name}: {bare.RateText}", producers64.LoadText, producers64.Rate / bare.Rate, Bound.Least(0.4), Bound.Least(0.6));
        report.Add("9", producers1.Name, $"{bare.Name}: {bare.RateText}", producers1.LoadText, producers1.Rate / bare.Rate, floor: null, goal: null);
    }

    private static async Task ImagesAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        await using var agent = await FleetAgent.StartAsync(Path.Combine(stage.Folder, "images"), server: null, cancellationToken);
        var load = new AcceptLoad(agent, ImageBytes);
        await load.RunAsync(8, plan.WarmUp / 3, cancellationToken);

        var files = new Series($"2 new files of 100 KB, each written and flushed, {FileThreads} threads");
        var ours = new Series($"{FleetAgent.Kind}, events with two images of 100 KB, 16 producers");
        for (var round = 0; round < plan.Rounds; round++)
        {
            // Files stay until the end, as in the suite of the server's images.
            files.Add(BareFiles.Write(Path.Combine(stage.Folder, $"bare{round}"), ImageBytes, filesEach: 2, FileThreads, plan.Window));
            ours.Add(await load.RunAsync(16, plan.Window, cancellationToken));
        }

        report.Add("–", ours.Name, $"{files.Name}: {files.RateText}", ours.LoadText, ours.Rate / files.Rate, Bound.Least(0.5), goal: null);
    }

    private static async Task BacklogAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        await using var sink = await EventSink.StartAsync(cancellationToken);
        var folder = Path.Combine(stage.Folder, "backlog");
        await Backlog.FillAsync(folder, plan.Events, cancellationToken);
        await using var empty = await FleetAgent.StartAsync(Path.Combine(stage.Folder, "empty"), server: null, cancellationToken);
        await using var full = await FleetAgent.StartAsync(folder, sink.Address, cancellationToken);
        var (emptyLoad, fullLoad) = (new AcceptLoad(empty), new AcceptLoad(full));
        await emptyLoad.RunAsync(Cameras, plan.WarmUp, cancellationToken);
        await fullLoad.RunAsync(Cameras, plan.WarmUp, cancellationToken);

        var nothing = new Series("empty store");
        var (pending, draining) = (new Series($"{FleetAgent.Kind}, {plan.Events:n0} pending"), new Series($"{FleetAgent.Kind}, while draining"));
        var drained = 0L;
        for (var round = 0; round < plan.Rounds; round++)
        {
            nothing.Add(await PacedAsync(emptyLoad));
            pending.Add(await PacedAsync(fullLoad));
            await sink.OpenAsync(cancellationToken);
            var before = sink.Taken;
            draining.Add(await PacedAsync(fullLoad));
            drained += sink.Taken - before;
            sink.Close();
        }

        // Nothing drains from a store that has run dry.
        var ranDry = await full.PendingAsync(cancellationToken) == 0 ? "; it ran dry: more --events" : "";
        var pace = $"{Cameras * EventsOfACamera}/s, p99";
        var drainRate = drained / (plan.Window.TotalSeconds * plan.Rounds);
        report.Add("9b", $"{pending.Name}, {pace}", $"{nothing.Name}: {nothing.LoadText}", pending.LoadText, pending.P99 / nothing.P99, Bound.Most(1.5), Bound.Most(1.2));
        report.Add("9b", $"{draining.Name} {drainRate:n0} events/s{ranDry}, {pace}", $"{nothing.Name}: {nothing.LoadText}", draining.LoadText, draining.P99 / nothing.P99, Bound.Most(1.5), Bound.Most(1.2));

        Task<Sample> PacedAsync(AcceptLoad load) => load.RunPacedAsync(Cameras, EventsOfACamera, plan.Window, cancellationToken);
    }
}
