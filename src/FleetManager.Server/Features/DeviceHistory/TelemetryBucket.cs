using FleetManager.Data.Devices;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Means over one step of a chart. What was not measured is null, also when nothing was heard at all.</summary>
/// <param name="Timestamp">Start of the bucket.</param>
/// <param name="Samples">How many samples the means are of; 0 when nothing was heard.</param>
/// <param name="CpuPercent">Busy share of all processors, 0–100.</param>
/// <param name="MemoryPercent">Used share of the memory, 0–100.</param>
/// <param name="MemoryUsedBytes">Memory in use.</param>
/// <param name="MemoryTotalBytes">Memory of the host.</param>
/// <param name="DiskPercent">Used share of the volume of the agent's data, 0–100.</param>
/// <param name="DiskUsedBytes">Used on that volume.</param>
/// <param name="DiskTotalBytes">Size of that volume.</param>
/// <param name="GpuPercent">Always null: the agent does not measure it.</param>
/// <param name="NetworkUpBytesPerSecond">Sent.</param>
/// <param name="NetworkDownBytesPerSecond">Received.</param>
/// <param name="TemperatureCelsius">The hottest sensor.</param>
internal sealed record TelemetryBucket(
    DateTimeOffset Timestamp,
    int Samples,
    double? CpuPercent,
    double? MemoryPercent,
    double? MemoryUsedBytes,
    double? MemoryTotalBytes,
    double? DiskPercent,
    double? DiskUsedBytes,
    double? DiskTotalBytes,
    double? GpuPercent,
    double? NetworkUpBytesPerSecond,
    double? NetworkDownBytesPerSecond,
    double? TemperatureCelsius);

/// <summary>Sums up the slots of one bucket, in the order of time.</summary>
internal sealed class BucketSum
{
    private int _samples;
    private Mean _cpu;
    private Mean _memory;
    private Mean _memoryTotal;
    private Mean _disk;
    private Mean _diskTotal;
    private Mean _temperature;
    private Rate _up;
    private Rate _down;

    /// <param name="row">The slot.</param>
    /// <param name="before">The slot before it, which its counters are counted from; null when there is none.</param>
    public void Add(DeviceTelemetry row, DeviceTelemetry? before)
    {
        _samples += row.Samples;
        _cpu.Add(row.CpuPercent, row.Samples);
        _memory.Add(row.MemoryUsedBytes, row.Samples);
        _memoryTotal.Add(row.MemoryTotalBytes, row.Samples);
        _disk.Add(row.DiskUsedBytes, row.Samples);
        _diskTotal.Add(row.DiskTotalBytes, row.Samples);
        _temperature.Add(row.TemperatureCelsius, row.Samples);
        if (before is not null)
        {
            var elapsed = row.At - before.At;
            _up.Add(before.NetworkSentBytes, row.NetworkSentBytes, elapsed);
            _down.Add(before.NetworkReceivedBytes, row.NetworkReceivedBytes, elapsed);
        }
    }

    public TelemetryBucket ToBucket(DateTimeOffset start) => new(
        start,
        _samples,
        _cpu.Value,
        Percent(_memory.Value, _memoryTotal.Value),
        _memory.Value,
        _memoryTotal.Value,
        Percent(_disk.Value, _diskTotal.Value),
        _disk.Value,
        _diskTotal.Value,
        null,
        _up.Value,
        _down.Value,
        _temperature.Value);

    private static double? Percent(double? part, double? whole) => part is { } p && whole is > 0 and var w ? 100 * p / w : null;

    /// <summary>Growth of a counter in a second. A counter that went back was set to zero by a restart: that step tells nothing.</summary>
    private struct Rate
    {
        private double _bytes;
        private double _seconds;

        public readonly double? Value => _seconds > 0 ? _bytes / _seconds : null;

        public void Add(long? before, long? now, TimeSpan elapsed)
        {
            if (before is { } from && now is { } to && to >= from)
            {
                _bytes += to - from;
                _seconds += elapsed.TotalSeconds;
            }
        }
    }
}
