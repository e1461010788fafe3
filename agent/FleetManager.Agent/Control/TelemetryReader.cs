using System.Globalization;
using FleetManager.Contracts.Devices;

namespace FleetManager.Agent.Control;

/// <summary>Reads the host's state from <c>/proc</c> and <c>/sys</c>; what the operating system does not give is null.</summary>
internal sealed class TelemetryReader(string dataDirectory)
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

    private static (long Total, long Available)? Memory()
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

    private static (long Received, long Sent)? Network()
    {
        var lines = Lines("/proc/net/dev").Skip(2).Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length > 9 && p[0] != "lo").ToList();
        return lines.Count == 0 ? null : (lines.Sum(p => Number(p[1])), lines.Sum(p => Number(p[9])));
    }

    private static double? Temperature()
    {
        const string zones = "/sys/class/thermal";
        if (!Directory.Exists(zones))
        {
            return null;
        }

        var sensors = Directory.EnumerateDirectories(zones, "thermal_zone*")
            .SelectMany(zone => Lines(Path.Combine(zone, "temp")).Take(1))
            .Select(text => Number(text.Trim()) / 1000.0)
            .ToList();
        return sensors.Count == 0 ? null : sensors.Max();
    }

    private static string[] Lines(string path)
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
