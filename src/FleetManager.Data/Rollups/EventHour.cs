using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Rollups;

/// <summary>How many events of a type an hour of a use case has. True whenever no <see cref="Events.TouchedHour"/> of that hour waits.</summary>
public sealed class EventHour
{
    public required int UseCaseKey { get; set; }

    /// <summary>Start of the hour, UTC.</summary>
    public required DateTimeOffset Hour { get; set; }

    public required string EventType { get; set; }

    public required long Events { get; set; }
}

internal sealed class EventHourConfiguration : IEntityTypeConfiguration<EventHour>
{
    public void Configure(EntityTypeBuilder<EventHour> builder)
    {
        builder.ToTable("event_hours");
        builder.HasKey(h => new { h.UseCaseKey, h.Hour, h.EventType });
    }
}
