using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Searches through the API against the bare SQL, at two sizes, and against SQL that may not use the GIN index.</summary>
internal static class QueriesSuite
{
    private const int Smaller = 10;
    private const string AsItIs = "RESET ALL";
    private const string NoGin = "SET enable_bitmapscan = off";

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var large = await stage.FilledSiteAsync(plan.Events, cancellationToken);
        var small = await stage.FilledSiteAsync(plan.Events / Smaller, cancellationToken);
        // Each is a matter of milliseconds: a part of the window holds enough of them.
        var window = plan.Window / 4;
        foreach (var search in SearchCase.Common())
        {
            await search.CheckAsync(large, cancellationToken);
            var (bare, ours, fewer) = (new Series("bare SQL"), new Series($"latest 50 by {search.Name}"), new Series($"the same of {plan.Events / Smaller:n0}"));
            for (var round = 0; round < plan.Rounds; round++)
            {
                bare.Add(await search.AskDatabaseAsync(large, AsItIs, window, cancellationToken));
                ours.Add(await search.AskServerAsync(large, window, cancellationToken));
                fewer.Add(await search.AskServerAsync(small, window, cancellationToken));
            }

            report.Add("10", $"{ours.Name} of {plan.Events:n0}, p50", $"{bare.Name}: {bare.TimeText}", ours.TimeText, ours.P50 / bare.P50, Bound.Most(10), Bound.Most(4));
            report.Add("10b", $"{ours.Name} of {plan.Events:n0}, p50", $"{fewer.Name}: {fewer.TimeText}", ours.TimeText, ours.P50 / fewer.P50, Bound.Most(1.5), Bound.Most(1.2));
        }

        await CompareAsync(SearchCase.Rare, Bound.Most(0.5), Bound.Most(0.2));
        await CompareAsync(SearchCase.Never, Bound.Most(0.01), Bound.Most(0.001));

        async Task CompareAsync(SearchCase search, Bound floor, Bound goal)
        {
            await search.CheckAsync(large, cancellationToken);
            var (without, ours) = (new Series("SQL without GIN"), new Series($"latest 50 by {search.Name}"));
            for (var round = 0; round < plan.Rounds; round++)
            {
                without.Add(await search.AskDatabaseAsync(large, NoGin, window, cancellationToken));
                ours.Add(await search.AskServerAsync(large, window, cancellationToken));
            }

            report.Add("10c", $"{ours.Name} of {plan.Events:n0}, p50", $"{without.Name}: {without.TimeText}", ours.TimeText, ours.P50 / without.P50, floor, goal);
        }
    }
}
