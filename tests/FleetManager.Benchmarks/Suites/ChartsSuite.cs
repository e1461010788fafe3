using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Charts and facet lists of a week against counting live, and how long a committed event takes to be counted.</summary>
internal static class ChartsSuite
{
    private const int CommitsOfRound = 10;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var site = await stage.FilledSiteAsync(plan.Events, cancellationToken);
        await site.CountAsync(cancellationToken);
        var to = TimeProvider.System.GetUtcNow();
        var from = to.AddDays(-7);
        var ofWeek = $"{OfBusiest(site, from, to)} GROUP BY";
        var bound = (Floor: Bound.Most(0.05), Goal: Bound.Most(0.005));

        var (hoursLive, hours) = (new Series("counted live"), new Series("7 days by hour and type"));
        var (facetLive, facet) = (new Series("counted live"), new Series("7 days by line_id"));
        var committed = new Series("committed → counted in the chart");
        for (var round = 0; round < plan.Rounds; round++)
        {
            hoursLive.Add(await LiveAsync($"SELECT date_trunc('hour', timestamp, 'UTC'), event_type, count(*) {ofWeek} 1, 2"));
            hours.Add(await AskAsync(Wire.Histogram(from, to)));
            facetLive.Add(await LiveAsync($"SELECT custom_metadata ->> 'line_id', count(*) {ofWeek} 1"));
            facet.Add(await AskAsync(Wire.Facets(from, to, "line_id")));
            committed.Add(await CommitAsync(site, cancellationToken));
        }

        report.Add("10d", $"{hours.Name}, p50", $"{hoursLive.Name}: {hoursLive.TimeText}", hours.TimeText, hours.P50 / hoursLive.P50, bound.Floor, bound.Goal);
        report.Add("10d", $"{facet.Name}, p50", $"{facetLive.Name}: {facetLive.TimeText}", facet.TimeText, facet.P50 / facetLive.P50, bound.Floor, bound.Goal);
        report.Add("10e", committed.Name, "a second", $"the slowest of {CommitsOfRound}: {committed.P99:0} ms", committed.P99 / 1000, Bound.Most(5), Bound.Most(2));

        Task<Sample> LiveAsync(string sql) => Repeat.QueryAsync(site.Database, sql, "SET max_parallel_workers_per_gather = 0", plan.Window / 4, cancellationToken);

        Task<Sample> AskAsync(string path) => Repeat.RequestAsync(site.Server, Wire.Request(site.Server, "GET", path), plan.Window / 4, cancellationToken);
    }

    /// <summary>Posts batches one by one, and after each answer asks the chart until it tells as many events as the table holds.</summary>
    private static async Task<Sample> CommitAsync(PostgresSite site, CancellationToken cancellationToken)
    {
        using var http = site.Server.NewClient();
        var (from, to) = (TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        var meter = Meter.Start(TimeSpan.MaxValue);
        for (var i = 0; i < CommitsOfRound; i++)
        {
            await site.Load.SendOneAsync(cancellationToken);
            await meter.TimeAsync(1, async () =>
            {
                var stored = (long)(await site.Database.ReadOneAsync($"SELECT count(*) {OfBusiest(site, from, to)}", cancellationToken))!;
                while ((await http.GetFromJsonAsync<JsonElement>(Wire.Histogram(from, to), cancellationToken)).GetProperty("total").GetInt64() != stored)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
                }
            });
        }

        return meter.Stop();
    }

    private static string OfBusiest(PostgresSite site, DateTimeOffset from, DateTimeOffset to) =>
        $"{site.OfBusiest} AND timestamp >= '{from:O}' AND timestamp < '{to:O}'";
}
