using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;
using FleetManager.Benchmarks.Variants;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Batches of 100 over HTTP against what the database takes without a server in front of it.</summary>
internal static class IngestSuite
{
    private const int OneInTwenty = 20;
    private static readonly TimeSpan s_late = TimeSpan.FromDays(20);

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var site = await stage.StartSiteAsync("ingest", cancellationToken);
        var full = await stage.FilledSiteAsync(plan.Events, cancellationToken);
        var ef = await VariantAsync(Variant.Ef, Wire.Batch);
        var parse = await VariantAsync(Variant.Parse, Wire.Parse);
        BatchLoad[] loads = [site.Load, full.Load, ef, parse];
        foreach (var load in loads)
        {
            await load.RunAsync(16, plan.WarmUp, cancellationToken: cancellationToken);
        }

        await full.LeaveUncountedAsync(cancellationToken);
        await CopyAsync(2);

        var (copy1, copy2, unnest) = (new Series("COPY, 1 connection"), new Series("COPY, 2 connections"), new Series("unnest, 1 connection"));
        var (callers1, callers16, callers64) = (new Series("server, 1 caller"), new Series("server, 16 callers"), new Series("server, 64 callers"));
        var (repeats, late) = (new Series("server, 64 callers, 5 % sent twice"), new Series($"server, 64 callers, 20 days late into {plan.Events:n0} events"));
        var (ef16, parse64) = (new Series("EF SaveChanges a request, 16 callers"), new Series("read and checked only, 64 callers"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            copy1.Add(await CopyAsync(1));
            callers16.Add(await PostAsync(site.Load, 16));
            copy2.Add(await CopyAsync(2));
            callers64.Add(await PostAsync(site.Load, 64));
            late.Add(await full.Load.RunAsync(64, plan.Window, s_late, cancellationToken: cancellationToken));
            await full.LeaveUncountedAsync(cancellationToken);
            repeats.Add(await PostAsync(site.Load, 64, OneInTwenty));
            ef16.Add(await PostAsync(ef, 16));
            parse64.Add(await PostAsync(parse, 64));
            unnest.Add(await UnnestAsync());
            callers1.Add(await PostAsync(site.Load, 1));
        }

        foreach (var ours in new[] { callers16, callers64 })
        {
            report.Add("1", ours.Name, $"{copy1.Name}: {copy1.RateText}", ours.LoadText, ours.Rate / copy1.Rate, Bound.Least(0.75), Bound.Least(0.95));
            report.Add("1b", ours.Name, $"{copy2.Name}: {copy2.RateText}", ours.LoadText, ours.Rate / copy2.Rate, Bound.Least(0.5), Bound.Least(0.65));
        }

        report.Add("1c", repeats.Name, callers64.Name, repeats.LoadText, repeats.Rate / callers64.Rate, Bound.Least(0.95), Bound.Least(1));
        report.Add("1d", late.Name, callers64.Name, late.LoadText, late.Rate / callers64.Rate, Bound.Least(0.8), Bound.Least(0.9));
        report.Add("1e", callers16.Name, $"{ef16.Name}: {ef16.LoadText}", callers16.LoadText, callers16.Rate / ef16.Rate, Bound.Least(3), Bound.Least(5));
        report.Add("1f", $"{callers64.Name}, CPU of the server", $"{parse64.Name}: {parse64.RateText}", callers64.RateText, callers64.ServerMicros / parse64.ServerMicros, Bound.Most(6), Bound.Most(3));
        report.Add("1g", $"{callers1.Name}, p50", $"{unnest.Name}: {unnest.TimeText}", callers1.TimeText, callers1.P50 / unnest.P50, Bound.Most(2.5), Bound.Most(1.5));

        async Task<BatchLoad> VariantAsync(string variant, string path)
        {
            var folder = Path.Combine(stage.Folder, variant);
            var server = stage.Keep(await FleetServer.StartVariantAsync(variant, folder, site.Postgres.OptionsFor("ingest"), site.Server.Key, cancellationToken));
            return new BatchLoad(site.Site with { Server = server }, path);
        }

        async Task<Sample> PostAsync(BatchLoad load, int callers, int sentTwice = 0)
        {
            await site.Table.EmptyAsync(cancellationToken);
            return await load.RunAsync(callers, plan.Window, sentTwice: sentTwice, cancellationToken: cancellationToken);
        }

        async Task<Sample> CopyAsync(int connections)
        {
            await site.Table.EmptyAsync(cancellationToken);
            var meter = Meter.Start(plan.Window, database: site.Postgres);
            await site.Table.CopyAsync(connections, meter, long.MaxValue, _ => TimeProvider.System.GetUtcNow(), cancellationToken);
            return meter.Stop();
        }

        async Task<Sample> UnnestAsync()
        {
            await site.Table.EmptyAsync(cancellationToken);
            var meter = Meter.Start(plan.Window, database: site.Postgres);
            await site.Table.UnnestAsync(meter, cancellationToken);
            return meter.Stop();
        }
    }
}
