using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Devices;

/// <summary>How a device was in one slot of two minutes: means of what was measured. What the device does not measure is null.</summary>
public sealed class DeviceTelemetry
{
    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    /// <summary>Start of the slot, by the server's clock.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>How many samples the means are of.</summary>
    public required int Samples { get; set; }

    public double? CpuPercent { get; set; }

    public double? MemoryUsedBytes { get; set; }

    public double? MemoryTotalBytes { get; set; }

    public double? DiskUsedBytes { get; set; }

    public double? DiskTotalBytes { get; set; }

    /// <summary>Counters since the host's start, as they stood at the end of the slot.</summary>
    public long? NetworkReceivedBytes { get; set; }

    public long? NetworkSentBytes { get; set; }

    public double? TemperatureCelsius { get; set; }
}

internal sealed class DeviceTelemetryConfiguration : IEntityTypeConfiguration<DeviceTelemetry>
{
    public void Configure(EntityTypeBuilder<DeviceTelemetry> builder)
    {
        builder.HasKey(t => new { t.DeviceKey, t.At });
        builder.HasOne<Device>().WithMany().HasForeignKey(t => t.DeviceKey).OnDelete(DeleteBehavior.Cascade);

        // Retention asks by time alone.
        builder.HasIndex(t => t.At);
    }
}
