using System.Globalization;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>CPU time that programs have used, from <c>/proc</c>.</summary>
internal static class CpuTime
{
    // USER_HZ is 100 wherever .NET runs on Linux.
    private const double SecondsPerTick = 0.01;

    // Fields of /proc/PID/stat behind the name.
    private const int Parent = 1, User = 11, System = 12, EndedUser = 13, EndedSystem = 14;

    public static TimeSpan OfProcess(int id) => Sum(Read($"/proc/{id}/stat")!, User, System);

    /// <summary>The process and its children, those that ended as well.</summary>
    public static TimeSpan OfFamily(int id)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0]))
            .Select(d => Read(Path.Combine(d, "stat")))
            .Where(f => f is not null && int.Parse(f[Parent], CultureInfo.InvariantCulture) == id);
        return children.Aggregate(Sum(Read($"/proc/{id}/stat")!, User, System, EndedUser, EndedSystem), (sum, f) => sum + Sum(f!, User, System));
    }

    /// <summary>Null when the process has just ended.</summary>
    private static string[]? Read(string path)
    {
        try
        {
            var stat = File.ReadAllText(path);
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static TimeSpan Sum(string[] fields, params ReadOnlySpan<int> indexes)
    {
        var ticks = 0L;
        foreach (var index in indexes)
        {
            ticks += long.Parse(fields[index], CultureInfo.InvariantCulture);
        }

        return TimeSpan.FromSeconds(ticks * SecondsPerTick);
    }
}
