using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Batches of 100 over HTTP against what the database takes without a server in front of it.</summary>
internal static class IngestSuite
{
    private const int OneInTwenty = 20;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var site = await stage.StartSiteAsync("ingest", cancellationToken);
        var load = new BatchLoad(site);
        var table = await EventTable.LearnAsync(site.Database!, load, cancellationToken);
        await load.RunAsync(16, plan.Window, TimeSpan.Zero, 0, cancellationToken);

        var (copy1, copy2) = (new Series("COPY, 1 connection"), new Series("COPY, 2 connections"));
        var (callers16, callers64, repeats) = (new Series("server, 16 callers"), new Series("server, 64 callers"), new Series("server, 64 callers, 5 % sent twice"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            copy1.Add(await CopyAsync(1));
            callers16.Add(await PostAsync(16, 0));
            copy2.Add(await CopyAsync(2));
            callers64.Add(await PostAsync(64, 0));
            repeats.Add(await PostAsync(64, OneInTwenty));
        }

        foreach (var ours in new[] { callers16, callers64 })
        {
            report.Add("1", ours.Name, $"{copy1.Name}: {copy1.RateText}", ours.RateText, ours.Rate / copy1.Rate, Bound.Least(0.75), Bound.Least(0.95));
            report.Add("1b", ours.Name, $"{copy2.Name}: {copy2.RateText}", ours.RateText, ours.Rate / copy2.Rate, Bound.Least(0.5), Bound.Least(0.65));
        }

        report.Add("1c", repeats.Name, callers64.Name, repeats.RateText, repeats.Rate / callers64.Rate, Bound.Least(0.95), Bound.Least(1));

        async Task<Sample> CopyAsync(int connections)
        {
            await table.EmptyAsync(cancellationToken);
            var meter = Meter.Start(plan.Window, database: site.Postgres);
            await table.CopyAsync(connections, meter, long.MaxValue, TimeProvider.System.GetUtcNow, cancellationToken);
            return meter.Stop();
        }

        async Task<Sample> PostAsync(int callers, int sentTwice)
        {
            await table.EmptyAsync(cancellationToken);
            return await load.RunAsync(callers, plan.Window, TimeSpan.Zero, sentTwice, cancellationToken);
        }
    }
}
