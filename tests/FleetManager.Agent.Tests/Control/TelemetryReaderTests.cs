using FleetManager.Agent.Control;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Control;

/// <summary>Telemetry of hosts that are not at hand.</summary>
public sealed class TelemetryReaderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Host_WithEverything_IsReadFromItsFiles()
    {
        Put("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0");
        Put("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable:  600 kB");
        Network("eth0", "docker0", "veth12");
        Put("sys/class/net/eth0/device/vendor", "");
        Put("sys/class/thermal/thermal_zone0/temp", "41000");
        Put("sys/class/thermal/thermal_zone1/temp", "-273000");
        Put("sys/class/hwmon/hwmon0/temp1_input", "47250");
        var reader = new TelemetryReader(_root.Path, _root.Path);

        Assert.Null(reader.Read().CpuPercent);
        Put("proc/stat", "cpu  130 0 120 740 110 0 0 0 0 0");
        var sample = reader.Read();

        Assert.Equal((50.0, 409_600L, 1_024_000L), (sample.CpuPercent, sample.MemoryUsedBytes, sample.MemoryTotalBytes));

        // What passes through a bridge is counted where it leaves the host.
        Assert.Equal((1000L, 2000L), (sample.NetworkReceivedBytes, sample.NetworkSentBytes));
        Assert.Equal(47.25, sample.TemperatureCelsius);
        Assert.True(sample.DiskTotalBytes > 0 && sample.DiskUsedBytes > 0);
    }

    [Fact]
    public void Container_WithoutARealDevice_CountsWhatItHas()
    {
        Network("eth0", "eth1");

        var sample = new TelemetryReader(_root.Path, _root.Path).Read();

        Assert.Equal((2000L, 4000L), (sample.NetworkReceivedBytes, sample.NetworkSentBytes));
        Assert.Null(sample.CpuPercent);
        Assert.Null(sample.MemoryTotalBytes);
        Assert.Null(sample.TemperatureCelsius);
    }

    private void Network(params string[] names) =>
        Put("proc/net/dev", "Inter-|\n face |\n    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n" + string.Join('\n', names.Select(n => $"{n}: 1000 1 0 0 0 0 0 0 2000 2 0 0 0 0 0 0")));

    private void Put(string path, string content)
    {
        var file = Path.Combine(_root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
