using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Devices;

/// <summary>
/// The latest that is known of a device: one row, overwritten. Each kind of report keeps the greatest (boot, seq) that was seen, so
/// that duplicates and late messages change nothing; every <c>…At</c> is the server's clock.
/// </summary>
public sealed class DeviceStatus
{
    public required int DeviceKey { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>Whether the broker holds a session of it.</summary>
    public bool Connected { get; set; }

    public DateTimeOffset? ConnectionChangedAt { get; set; }

    public DateTimeOffset? LastUplinkAt { get; set; }

    public DateTimeOffset? LastRestAt { get; set; }

    public long PresenceBoot { get; set; }

    public long PresenceSeq { get; set; }

    /// <summary><c>online</c>, <c>offline</c> or <c>lost</c>; null before the first word.</summary>
    public string? Presence { get; set; }

    public string? AgentVersion { get; set; }

    public string? Hardware { get; set; }

    public long SettingsBoot { get; set; }

    public long SettingsSeq { get; set; }

    public long? ReportedRevision { get; set; }

    public string? ReportedHash { get; set; }

    /// <summary><c>applied</c>, <c>partlyApplied</c> or <c>rejected</c>.</summary>
    public string? ReportedState { get; set; }

    /// <summary>The whole reported document.</summary>
    public string? Reported { get; set; }

    public DateTimeOffset? ReportedAt { get; set; }

    public long SyncBoot { get; set; }

    public long SyncSeq { get; set; }

    /// <summary>Phase of the latest sync report.</summary>
    public string? SyncPhase { get; set; }

    public long? PendingRecords { get; set; }

    /// <summary>The whole sync report.</summary>
    public string? Sync { get; set; }

    public DateTimeOffset? SyncAt { get; set; }

    public string? Telemetry { get; set; }

    public DateTimeOffset? TelemetryAt { get; set; }

    public DeviceStatus Copy() => (DeviceStatus)MemberwiseClone();
}

internal sealed class DeviceStatusConfiguration : IEntityTypeConfiguration<DeviceStatus>
{
    public void Configure(EntityTypeBuilder<DeviceStatus> builder)
    {
        builder.HasKey(s => s.DeviceKey);
        builder.Property(s => s.DeviceKey).ValueGeneratedNever();
        builder.HasOne<Device>().WithOne().HasForeignKey<DeviceStatus>(s => s.DeviceKey).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => s.WorkspaceId);
        builder.Property(s => s.Hardware).IsJsonOrNull();
        builder.Property(s => s.Reported).IsJsonOrNull();
        builder.Property(s => s.Sync).IsJsonOrNull();
        builder.Property(s => s.Telemetry).IsJsonOrNull();
    }
}
