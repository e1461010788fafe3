using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Receipts;

/// <summary>A run of a store's numbers that the device declared lost.</summary>
public sealed class LossRange
{
    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    public required Guid Epoch { get; set; }

    public required long FromSeq { get; set; }

    public required long ThroughSeq { get; set; }

    public required string Reason { get; set; }

    /// <summary>By the device's clock.</summary>
    public required DateTimeOffset At { get; set; }
}

internal sealed class LossRangeConfiguration : IEntityTypeConfiguration<LossRange>
{
    public void Configure(EntityTypeBuilder<LossRange> builder)
    {
        builder.HasKey(r => new { r.DeviceKey, r.Epoch, r.FromSeq });
        builder.HasOne<DeviceStore>().WithMany().HasForeignKey(r => new { r.DeviceKey, r.Epoch }).OnDelete(DeleteBehavior.Cascade);
    }
}
