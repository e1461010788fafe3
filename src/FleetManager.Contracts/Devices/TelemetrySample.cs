namespace FleetManager.Contracts.Devices;

/// <summary>Body of <c>up/telemetry</c>. A value the operating system does not give is null, never zero.</summary>
/// <param name="CpuPercent">Busy share of all processors since the last sample, 0–100.</param>
/// <param name="MemoryUsedBytes">Memory in use on the host.</param>
/// <param name="MemoryTotalBytes">Memory of the host.</param>
/// <param name="DiskUsedBytes">Used on the volume of the data directory.</param>
/// <param name="DiskTotalBytes">Size of that volume.</param>
/// <param name="NetworkReceivedBytes">Received since the host started, loopback left out.</param>
/// <param name="NetworkSentBytes">Sent since the host started, loopback left out.</param>
/// <param name="TemperatureCelsius">The hottest sensor.</param>
public sealed record TelemetrySample(
    double? CpuPercent,
    long? MemoryUsedBytes,
    long? MemoryTotalBytes,
    long? DiskUsedBytes,
    long? DiskTotalBytes,
    long? NetworkReceivedBytes,
    long? NetworkSentBytes,
    double? TemperatureCelsius);
