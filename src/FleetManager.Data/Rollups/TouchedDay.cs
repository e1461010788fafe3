using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Rollups;

/// <summary>
/// A day of a use case whose facets have to be counted anew, noted in the transaction that recounts its hours. Like <see cref="Events.TouchedHour"/>
/// one more row each time, so that recounting hours never waits for a recount of facets that takes seconds.
/// </summary>
public sealed class TouchedDay
{
    public long Key { get; set; }

    public required int UseCaseKey { get; set; }

    /// <summary>Start of the day, UTC.</summary>
    public required DateTimeOffset Day { get; set; }
}

/// <summary>When the facets of a day were counted last: not more often than every 30 s, and readers are told.</summary>
public sealed class FacetDay
{
    public required int UseCaseKey { get; set; }

    /// <summary>Start of the day, UTC.</summary>
    public required DateTimeOffset Day { get; set; }

    /// <summary>Everything that was committed before this moment is counted.</summary>
    public required DateTimeOffset CountedAt { get; set; }
}

internal sealed class TouchedDayConfiguration : IEntityTypeConfiguration<TouchedDay>
{
    public void Configure(EntityTypeBuilder<TouchedDay> builder)
    {
        builder.ToTable("touched_days");
        builder.HasKey(t => t.Key);
        builder.HasIndex(t => new { t.UseCaseKey, t.Day });
    }
}

internal sealed class FacetDayConfiguration : IEntityTypeConfiguration<FacetDay>
{
    public void Configure(EntityTypeBuilder<FacetDay> builder)
    {
        builder.ToTable("facet_days");
        builder.HasKey(f => new { f.UseCaseKey, f.Day });
    }
}
