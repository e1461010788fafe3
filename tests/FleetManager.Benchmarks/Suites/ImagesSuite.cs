using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;

namespace FleetManager.Benchmarks.Suites;

/// <summary>Uploads of images against new files that are flushed, and nothing else.</summary>
internal static class ImagesSuite
{
    private const int Size = 100_000;
    private const int Jobs = 4;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var site = await stage.StartSiteAsync("images", cancellationToken);
        var load = new ImageLoad(site.Site, Size);
        await load.RunAsync(8, plan.WarmUp, cancellationToken);

        var files = new Series($"new file of 100 KB + fsync, {Jobs} threads");
        var (callers8, callers32) = (new Series("upload of 100 KB, 8 callers"), new Series("upload of 100 KB, 32 callers"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            // Files stay until the end: for seconds after a deletion the file system looks long for a place for the next new one, which would be ours.
            files.Add(WriteFiles(Path.Combine(stage.Folder, $"files{round}"), plan.Window));
            callers8.Add(await load.RunAsync(8, plan.Window, cancellationToken));
            callers32.Add(await load.RunAsync(32, plan.Window, cancellationToken));
        }

        foreach (var ours in new[] { callers8, callers32 })
        {
            report.Add("3", ours.Name, $"{files.Name}: {files.RateText}", ours.LoadText, ours.Rate / files.Rate, Bound.Least(0.6), Bound.Least(0.75));
        }
    }

    private static Sample WriteFiles(string folder, TimeSpan window)
    {
        var content = new byte[Size];
        Random.Shared.NextBytes(content);
        var meter = Meter.Start(window);
        var threads = Enumerable.Range(0, Jobs).Select(job => new Thread(() => WriteFiles(Directory.CreateDirectory(Path.Combine(folder, $"{job}")).FullName, content, meter))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return meter.Stop();
    }

    private static void WriteFiles(string folder, byte[] content, Meter meter)
    {
        var number = 0;
        do
        {
            var started = TimeProvider.System.GetTimestamp();
            using (var file = File.OpenHandle(Path.Combine(folder, $"{number++}"), FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            meter.Add(1, TimeProvider.System.GetElapsedTime(started));
        }
        while (!meter.IsOver);
    }
}
