using FleetManager.Benchmarks.Events;
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
            files.Add(BareFiles.Write(Path.Combine(stage.Folder, $"files{round}"), Size, filesEach: 1, Jobs, plan.Window));
            callers8.Add(await load.RunAsync(8, plan.Window, cancellationToken));
            callers32.Add(await load.RunAsync(32, plan.Window, cancellationToken));
        }

        foreach (var ours in new[] { callers8, callers32 })
        {
            report.Add("3", ours.Name, $"{files.Name}: {files.RateText}", ours.LoadText, ours.Rate / files.Rate, Bound.Least(0.6), Bound.Least(0.75));
        }
    }
}
