using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Events that left the history window are deleted beside ingest: what ingest feels of it, and how long it takes against copying them in.</summary>
internal static class RetentionSuite
{
    private const int Callers = 16;

    // A tenth of the large table: 1 M of 10 M.
    private const int Part = 10;

    private static readonly TimeSpan s_tooOld = TimeSpan.FromDays(1_000);

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var site = await stage.StartSiteAsync("retention", cancellationToken);
        await site.Load.RunAsync(Callers, plan.WarmUp, cancellationToken: cancellationToken);
        var old = TimeProvider.System.GetUtcNow() - s_tooOld;
        var events = plan.Events / Part;

        var (copy, delete) = (new Series($"COPY of {events:n0} events, 1 connection"), new Series($"{events:n0} events gone"));
        var (alone, beside) = (new Series($"server, {Callers} callers"), new Series($"server, {Callers} callers, while {events:n0} events are deleted"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            await site.Table.EmptyAsync(cancellationToken);
            var meter = Meter.Start(TimeSpan.MaxValue, database: site.Postgres);
            await meter.TimeAsync(events, () => site.Table.CopyAsync(1, Meter.Start(TimeSpan.MaxValue), events, n => old + (TimeSpan.FromDays(30) * ((double)n / events)), cancellationToken));
            copy.Add(meter.Stop());
            await site.Database.ExecuteAsync("VACUUM (ANALYZE) events", cancellationToken);
            alone.Add(await site.Load.RunAsync(Callers, plan.Window, cancellationToken: cancellationToken));
            var (deleting, ingest) = await DeleteAsync($"retention{round}");
            delete.Add(deleting);
            beside.Add(ingest);
        }

        report.Add("11", beside.Name, $"{alone.Name}: {alone.RateText}", beside.LoadText, beside.Rate / alone.Rate, Bound.Least(0.8), null);
        report.Add("11", $"{delete.Name} beside ingest", $"{copy.Name}: {copy.TimeText}", delete.TimeText, delete.P50 / copy.P50, null, Bound.Most(0.05));

        // A server looks for what is too old when it starts: a second one on the same database deletes, while the first, long warm, takes in.
        async Task<(Sample Deleting, Sample Ingest)> DeleteAsync(string name)
        {
            var deleting = Meter.Start(TimeSpan.MaxValue);
            await using var second = await FleetServer.StartAsync(Path.Combine(stage.Folder, name), site.Postgres.OptionsFor("retention"), cancellationToken);
            var ingest = Meter.Start(TimeSpan.MaxValue, site.Server, site.Postgres);
            var callers = site.Load.RunAsync(Callers, ingest, age: default, sentTwice: 0, cancellationToken);
            await deleting.TimeAsync(events, async () =>
            {
                while (await site.Database.ReadOneAsync(IsLeft(old.AddDays(31)), cancellationToken) is true)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
                }
            });
            ingest.End();
            await callers;
            return (deleting.Stop(), ingest.Stop());
        }
    }

    private static string IsLeft(DateTimeOffset before) =>
        $"SELECT EXISTS (SELECT FROM use_cases u WHERE EXISTS (SELECT FROM events e WHERE e.use_case_key = u.key AND e.timestamp < '{before:O}'))";
}
