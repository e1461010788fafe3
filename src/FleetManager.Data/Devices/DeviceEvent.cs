using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Devices;

/// <summary>Something that happened to a device, as far as the server knows: it came, it went, it took its settings, its store is full.</summary>
public sealed class DeviceEvent
{
    /// <summary>Rises with time; pages go by it.</summary>
    public long Key { get; set; }

    public required int WorkspaceId { get; set; }

    public required int DeviceKey { get; set; }

    /// <summary>What of the device it is about: <c>device</c>, <c>presence</c>, <c>agent</c>, <c>settings</c>, <c>event_store</c>.</summary>
    public required string EntityType { get; set; }

    public required string EntityId { get; set; }

    public required string Event { get; set; }

    /// <summary>One sentence for people.</summary>
    public required string Description { get; set; }

    /// <summary>By the device's clock; null when the device did not say it.</summary>
    public DateTimeOffset? DeviceAt { get; set; }

    /// <summary>By the server's clock.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>Whether the entity's row before this one says the same.</summary>
    public bool IsRepeat { get; set; }

    /// <summary>The start of the agent that told it; null when the server saw it itself.</summary>
    public long? Boot { get; set; }

    /// <summary>Its number within that start, so that a repeated batch adds nothing.</summary>
    public long? Seq { get; set; }
}

internal sealed class DeviceEventConfiguration : IEntityTypeConfiguration<DeviceEvent>
{
    public void Configure(EntityTypeBuilder<DeviceEvent> builder)
    {
        builder.HasKey(e => e.Key);
        builder.HasOne<Device>().WithMany().HasForeignKey(e => e.DeviceKey).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(e => new { e.DeviceKey, e.Key });
        builder.HasIndex(e => new { e.DeviceKey, e.Boot, e.Seq }).IsUnique();
        builder.HasIndex(e => new { e.DeviceKey, e.EntityType, e.EntityId, e.Key });
    }
}
