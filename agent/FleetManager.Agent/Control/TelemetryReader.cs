using System.Globalization;
using FleetManager.Contracts.Devices;

namespace FleetManager.Agent.Control;

/// <summary>Reads the host's state from <c>/proc</c> and <c>/sys</c>; what the operating system does not give is null.</summary>
/// <param name="dataDirectory">Whose volume is measured.</param>
/// <param name="root">Where <c>/proc</c> and <c>/sys</c> lie; empty is the host's own.</param>
internal sealed class TelemetryReader(string dataDirectory, string root = "")
{
    private (long Busy, long All)? _lastCpu;

    public TelemetrySample Read()
    {
        var memory = Memory();
        var drive = new DriveInfo(dataDirectory);
        var network = Network();
        return new TelemetrySample(
            CpuPercent(),
            memory is var (total, available) ? total - available : null,
            memory?.Total,
            drive.TotalSize - drive.TotalFreeSpace,
            drive.TotalSize,
            network?.Received,
            network?.Sent,
            Temperature());
    }

    private double? CpuPercent()
    {
        // user nice system idle iowait irq softirq steal
        var fields = Lines("/proc/stat").FirstOrDefault()?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number).ToArray();
        if (fields is not { Length: 8 })
        {
            return null;
        }

        var all = fields.Sum();
        var now = (Busy: all - fields[3] - fields[4], All: all);
        var last = _lastCpu;
        _lastCpu = now;
        return last is { } before && now.All > before.All ? Math.Round(100.0 * (now.Busy - before.Busy) / (now.All - before.All), 1) : null;
    }

    private (long Total, long Available)? Memory()
    {
        long? total = null, available = null;
        foreach (var line in Lines("/proc/meminfo"))
        {
            var parts = line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries);
            total = parts[0] == "MemTotal" ? Number(parts[1]) * 1024 : total;
            available = parts[0] == "MemAvailable" ? Number(parts[1]) * 1024 : available;
        }

        return total is { } t && available is { } a ? (t, a) : null;
    }

    // A bridge or a tunnel only passes on what a real device carries. In a container there is no real one, and all count.
    private (long Received, long Sent)? Network()
    {
        var all = Lines("/proc/net/dev").Skip(2).Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length > 9 && p[0] != "lo").ToList();
        var real = all.Where(p => Directory.Exists($"{root}/sys/class/net/{p[0]}/device")).ToList();
        var counted = real.Count > 0 ? real : all;
        return counted.Count == 0 ? null : (counted.Sum(p => Number(p[1])), counted.Sum(p => Number(p[9])));
    }

    private double? Temperature()
    {
        // Boards have zones, PCs have monitors. A sensor that is not wired up says something impossible.
        var sensors = Files("/sys/class/thermal", "thermal_zone*", "temp").Concat(Files("/sys/class/hwmon", "hwmon*", "temp*_input"))
            .SelectMany(file => Read(file).Take(1))
            .Select(text => Number(text.Trim()) / 1000.0)
            .Where(degrees => degrees is > -50 and < 150 and not 0)
            .ToList();
        return sensors.Count == 0 ? null : sensors.Max();
    }

    private IEnumerable<string> Files(string directory, string folders, string files) =>
        Directory.Exists(root + directory) ? Directory.EnumerateDirectories(root + directory, folders).SelectMany(d => Directory.EnumerateFiles(d, files)) : [];

    private string[] Lines(string path) => Read(root + path);

    private static string[] Read(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
