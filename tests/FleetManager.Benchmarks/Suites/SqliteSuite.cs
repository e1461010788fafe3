using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Batches of 100 over HTTP into SQLite against what the library takes on the same tables.</summary>
internal static class SqliteSuite
{
    private const int Callers = 16;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var server = await stage.StartServerAsync("sqlite", [], cancellationToken);
        var load = new BatchLoad(await Site.PrepareAsync(server, postgres: null, cancellationToken));
        var table = await SqliteTable.LearnAsync(Path.Combine(stage.Folder, "sqlite", "fleet.db"), Path.Combine(stage.Folder, "anchor.db"), load, cancellationToken);
        await load.RunAsync(Callers, plan.WarmUp, cancellationToken: cancellationToken);

        var bare = new Series($"bare SQLite, synchronous {table.Synchronous}, batches of 100");
        var ours = new Series($"server on SQLite, {Callers} callers");
        for (var round = 0; round < plan.Rounds; round++)
        {
            table.Empty();
            var meter = Meter.Start(plan.Window);
            table.Insert(meter);
            bare.Add(meter.Stop());
            ours.Add(await load.RunAsync(Callers, plan.Window, cancellationToken: cancellationToken));
        }

        report.Add("2", ours.Name, $"{bare.Name}: {bare.RateText}", ours.LoadText, ours.Rate / bare.Rate, Bound.Least(0.5), Bound.Least(0.75));
    }
}
