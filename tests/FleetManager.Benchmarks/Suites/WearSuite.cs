extern alias agent;

using System.Globalization;
using System.Text;
using agent::FleetManager.Agent.EventStore;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Benchmarks.Suites;

/// <summary>What an event writes to the flash of a device from its acceptance to the note that the server holds it, against its own bytes.</summary>
internal static class WearSuite
{
    private const int EventBytes = 1024;
    private const int BatchSize = 100;
    private const int EventsAWindow = 20_000;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        foreach (var producers in (int[])[64, 1])
        {
            var ratios = new List<double>();
            var perCommit = 0.0;
            for (var round = 0; round < plan.Rounds; round++)
            {
                var folder = Path.Combine(stage.Folder, string.Create(CultureInfo.InvariantCulture, $"wear{producers}-{round}"));
                var events = producers == 1 ? EventsAWindow / 20 : Math.Min(EventsAWindow, plan.Events);
                (var written, perCommit) = await WriteAsync(folder, producers, events, cancellationToken);
                ratios.Add(written / ((double)events * EventBytes));
            }

            ratios.Sort();
            // One event alone fills a block of the disk in each of the pages that it touches: what a group shares.
            report.Add(
                "wear",
                string.Create(CultureInfo.InvariantCulture, $"events of 1 KB accepted and marked as held, {producers} producers ({perCommit:0} a flush)"),
                "the bytes of the events",
                string.Create(CultureInfo.InvariantCulture, $"[{ratios[0]:0.00}–{ratios[^1]:0.00}]"),
                ratios[ratios.Count / 2],
                null,
                producers == 1 ? null : Bound.Most(2.5));
        }
    }

    private static async Task<(long Written, double PerCommit)> WriteAsync(string folder, int producers, int events, CancellationToken cancellationToken)
    {
        var policy = new StorePolicy(new EventStoreSettings { MinFreeDiskBytes = 0, MaxRecords = int.MaxValue }, new BackupSettings { Enabled = true });
        await using var store = DeviceStore.Open(folder, () => policy, NullLogger.Instance, TimeProvider.System);
        var body = Encoding.UTF8.GetBytes("""{"eventType":"custom","eventData":{},"timestamp":"2026-01-02T03:04:05Z","comment":"@"}""".Replace("@", new string('x', EventBytes - 85), StringComparison.Ordinal));
        var (before, commits, left) = (Written(), store.Commits, events);
        await Task.WhenAll(Enumerable.Range(0, producers).Select(_ => Task.Run(ProduceAsync, cancellationToken)));
        var perCommit = (double)events / (store.Commits - commits);
        while (await store.LeaseAsync(BatchSize, long.MaxValue, BackupOrder.OldestFirst, cancellationToken) is { } lease)
        {
            var settlement = new Settlement(store.Epoch);
            settlement.Held.AddRange(lease.Events.Select(e => e.Seq));
            await store.SettleAsync(settlement, cancellationToken);
        }

        return (Written() - before, perCommit);

        async Task ProduceAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var stored = new StoredEvent(Guid.CreateVersion7().ToString(), "line-3", null, body, null);
                if (await store.AcceptAsync(new NewEvent(stored, [], Draft: false), cancellationToken) != AcceptResult.Accepted)
                {
                    throw new InvalidOperationException("The store has no room for the events of the benchmark.");
                }
            }
        }
    }

    // Pages that this process made dirty, which every flush sends to the disk: whole blocks, also where a few bytes of one changed.
    private static long Written() =>
        long.Parse(File.ReadLines("/proc/self/io").First(l => l.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
}
