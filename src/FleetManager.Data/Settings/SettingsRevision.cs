using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Settings;

/// <summary>One saved settings document of a device. History only grows: rolling back is a new revision with old content.</summary>
public sealed class SettingsRevision
{
    public long Key { get; set; }

    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    /// <summary>From 1, strictly increasing per device.</summary>
    public required long Revision { get; set; }

    public required string Hash { get; set; }

    /// <summary>The whole <c>sections</c> object.</summary>
    public required string Sections { get; set; }

    public required DateTimeOffset IssuedAt { get; set; }

    public required string IssuedBy { get; set; }
}

internal sealed class SettingsRevisionConfiguration : IEntityTypeConfiguration<SettingsRevision>
{
    public void Configure(EntityTypeBuilder<SettingsRevision> builder)
    {
        builder.HasKey(r => r.Key);
        builder.HasOne<Device>().WithMany().HasForeignKey(r => r.DeviceKey).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(r => new { r.DeviceKey, r.Revision }).IsUnique();
        builder.Property(r => r.Sections).IsJson();
    }
}
