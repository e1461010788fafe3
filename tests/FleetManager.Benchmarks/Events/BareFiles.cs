using FleetManager.Benchmarks.Load;

namespace FleetManager.Benchmarks.Events;

/// <summary>New files that are written and flushed, and nothing else.</summary>
internal static class BareFiles
{
    /// <param name="folder">Where; each thread has a folder of its own in it.</param>
    /// <param name="size">Bytes of a file.</param>
    /// <param name="filesEach">How many files count as one.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="window">How long.</param>
    public static Sample Write(string folder, int size, int filesEach, int threads, TimeSpan window)
    {
        var content = new byte[size];
        Random.Shared.NextBytes(content);
        var meter = Meter.Start(window);
        var all = Enumerable.Range(0, threads)
            .Select(job => new Thread(() => Write(Directory.CreateDirectory(Path.Combine(folder, $"{job}")).FullName, content, filesEach, meter))).ToList();
        all.ForEach(t => t.Start());
        all.ForEach(t => t.Join());
        return meter.Stop();
    }

    private static void Write(string folder, byte[] content, int filesEach, Meter meter)
    {
        var number = 0;
        do
        {
            var started = TimeProvider.System.GetTimestamp();
            for (var i = 0; i < filesEach; i++)
            {
                using var file = File.OpenHandle(Path.Combine(folder, $"{number++}"), FileMode.CreateNew, FileAccess.Write);
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            meter.Add(1, TimeProvider.System.GetElapsedTime(started));
        }
        while (!meter.IsOver);
    }
}
