using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Events;

/// <summary>
/// An hour of a use case whose events changed and have to be counted anew. Noted in the transaction that changes them, as one more row
/// each time: writers never wait for each other, and a note that is not visible yet can not be taken for counted.
/// </summary>
public sealed class TouchedHour
{
    public long Key { get; set; }

    public required int UseCaseKey { get; set; }

    /// <summary>Start of the hour, UTC.</summary>
    public required DateTimeOffset Hour { get; set; }
}

internal sealed class TouchedHourConfiguration : IEntityTypeConfiguration<TouchedHour>
{
    public void Configure(EntityTypeBuilder<TouchedHour> builder)
    {
        builder.HasKey(t => t.Key);
        builder.HasIndex(t => new { t.UseCaseKey, t.Hour });
    }
}
