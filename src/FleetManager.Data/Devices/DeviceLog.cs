using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Devices;

/// <summary>A line that a device logged. The device's own number says which line it is, so a repeated batch adds nothing.</summary>
public sealed class DeviceLog
{
    public long Key { get; set; }

    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    public required long Boot { get; set; }

    public required long Seq { get; set; }

    /// <summary>By the device's clock, whole microseconds.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>By the server's clock; retention goes by it, so that a device with a wrong clock keeps no line longer.</summary>
    public required DateTimeOffset ReceivedAt { get; set; }

    /// <summary><c>DEBUG</c>, <c>INFO</c>, <c>WARN</c>, <c>ERROR</c> or <c>CRITICAL</c>.</summary>
    public required string Severity { get; set; }

    /// <summary>The part of the device that wrote it.</summary>
    public required string Service { get; set; }

    public required string Message { get; set; }
}

internal sealed class DeviceLogConfiguration : IEntityTypeConfiguration<DeviceLog>
{
    public void Configure(EntityTypeBuilder<DeviceLog> builder)
    {
        builder.HasKey(l => l.Key);
        builder.HasOne<Device>().WithMany().HasForeignKey(l => l.DeviceKey).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(l => new { l.DeviceKey, l.Boot, l.Seq }).IsUnique();
        builder.HasIndex(l => new { l.DeviceKey, l.At, l.Key });
    }
}
