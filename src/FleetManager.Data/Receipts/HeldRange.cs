using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Receipts;

/// <summary>A run of a store's numbers that the server holds. Runs of one store never touch: neighbours are merged as they meet.</summary>
public sealed class HeldRange
{
    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    public required Guid Epoch { get; set; }

    public required long FromSeq { get; set; }

    public required long ThroughSeq { get; set; }
}

internal sealed class HeldRangeConfiguration : IEntityTypeConfiguration<HeldRange>
{
    public void Configure(EntityTypeBuilder<HeldRange> builder)
    {
        builder.HasKey(r => new { r.DeviceKey, r.Epoch, r.FromSeq });
        builder.HasOne<DeviceStore>().WithMany().HasForeignKey(r => new { r.DeviceKey, r.Epoch }).OnDelete(DeleteBehavior.Cascade);
    }
}
