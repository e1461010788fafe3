using FleetManager.Contracts.Devices;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Sums up the samples of one device in one slot. Not thread-safe: its owner locks.</summary>
internal sealed class TelemetrySlot(DeviceRef device, DateTimeOffset start)
{
    /// <summary>The finest step of any chart.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(2);

    private int _samples;
    private Mean _cpu;
    private Mean _memory;
    private Mean _memoryTotal;
    private Mean _disk;
    private Mean _diskTotal;
    private Mean _temperature;
    private long? _received;
    private long? _sent;

    public DateTimeOffset Start { get; } = start;

    public static DateTimeOffset StartOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % Length.Ticks), TimeSpan.Zero);

    public void Add(TelemetrySample sample)
    {
        _samples++;
        _cpu.Add(sample.CpuPercent);
        _memory.Add(sample.MemoryUsedBytes);
        _memoryTotal.Add(sample.MemoryTotalBytes);
        _disk.Add(sample.DiskUsedBytes);
        _diskTotal.Add(sample.DiskTotalBytes);
        _temperature.Add(sample.TemperatureCelsius);
        (_received, _sent) = (sample.NetworkReceivedBytes ?? _received, sample.NetworkSentBytes ?? _sent);
    }

    public DeviceTelemetry ToRow() => new()
    {
        WorkspaceId = device.WorkspaceId,
        DeviceKey = device.Key,
        At = Start,
        Samples = _samples,
        CpuPercent = _cpu.Value,
        MemoryUsedBytes = _memory.Value,
        MemoryTotalBytes = _memoryTotal.Value,
        DiskUsedBytes = _disk.Value,
        DiskTotalBytes = _diskTotal.Value,
        NetworkReceivedBytes = _received,
        NetworkSentBytes = _sent,
        TemperatureCelsius = _temperature.Value,
    };
}

/// <summary>A running mean that leaves out what was not measured; null when nothing was.</summary>
internal struct Mean
{
    private double _sum;
    private int _weight;

    public readonly double? Value => _weight == 0 ? null : _sum / _weight;

    public void Add(double? value, int weight = 1)
    {
        if (value is { } number)
        {
            _sum += number * weight;
            _weight += weight;
        }
    }
}
