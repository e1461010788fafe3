using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Rollups;

/// <summary>
/// The sum of a day's <see cref="EventHour"/> rows, written in their transaction: what a use case holds in all is read from hundreds of
/// rows, not from tens of thousands.
/// </summary>
public sealed class EventDay
{
    public required int UseCaseKey { get; set; }

    /// <summary>Start of the day, UTC.</summary>
    public required DateTimeOffset Day { get; set; }

    public required string EventType { get; set; }

    public required long Events { get; set; }
}

internal sealed class EventDayConfiguration : IEntityTypeConfiguration<EventDay>
{
    public void Configure(EntityTypeBuilder<EventDay> builder)
    {
        builder.ToTable("event_days");
        builder.HasKey(d => new { d.UseCaseKey, d.Day, d.EventType });
    }
}
