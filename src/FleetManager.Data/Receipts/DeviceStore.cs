using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Receipts;

/// <summary>An event store that a device has sent from. Its row is what concurrent writers of receipts lock.</summary>
public sealed class DeviceStore
{
    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    public required Guid Epoch { get; set; }

    public required DateTimeOffset FirstSeenAt { get; set; }
}

internal sealed class DeviceStoreConfiguration : IEntityTypeConfiguration<DeviceStore>
{
    public void Configure(EntityTypeBuilder<DeviceStore> builder)
    {
        builder.HasKey(s => new { s.DeviceKey, s.Epoch });
        builder.HasOne<Device>().WithMany().HasForeignKey(s => s.DeviceKey).OnDelete(DeleteBehavior.Cascade);
    }
}
