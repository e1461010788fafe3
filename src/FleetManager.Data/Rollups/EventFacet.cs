using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Rollups;

/// <summary>How many events of a day have a value in a field.</summary>
public sealed class EventFacet
{
    public required int UseCaseKey { get; set; }

    /// <summary>Start of the day, UTC.</summary>
    public required DateTimeOffset Day { get; set; }

    /// <summary>A name of <see cref="FacetFields"/>, or <c>customMetadata.KEY</c>.</summary>
    public required string Field { get; set; }

    public required FacetKind Kind { get; set; }

    /// <summary>The text, or <c>true</c> or <c>false</c>; empty for <see cref="FacetKind.Other"/>.</summary>
    public required string Value { get; set; }

    public required long Events { get; set; }
}

/// <summary>What the value of a facet is.</summary>
public enum FacetKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>The sum of everything that has no row of its own: too many values, or too long ones.</summary>
    Other,
}

internal sealed class EventFacetConfiguration : IEntityTypeConfiguration<EventFacet>
{
    public void Configure(EntityTypeBuilder<EventFacet> builder)
    {
        builder.ToTable("event_facets");
        builder.HasKey(f => new { f.UseCaseKey, f.Day, f.Field, f.Kind, f.Value });
    }
}
