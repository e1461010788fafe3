using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Events;

/// <summary>
/// A key that metadata of a use case had, with one type of its values (vision-events.md 10): inferred, not declared. Written in the
/// transaction of the first event of a day that has it, so that a schema is complete as soon as the event is answered.
/// </summary>
public sealed class MetadataField
{
    public required int UseCaseKey { get; set; }

    /// <summary>True for a key of an image's metadata, false for one of an event's.</summary>
    public required bool OfImage { get; set; }

    public required string Name { get; set; }

    public required MetadataType Type { get; set; }

    /// <summary>Day of the newest event that had it, UTC: the key stays listed until that day leaves the history window.</summary>
    public required DateTimeOffset LastSeen { get; set; }
}

/// <summary>Types of metadata values.</summary>
public enum MetadataType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number, whole or not.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>What types are called on the wire.</summary>
public static class MetadataTypeWords
{
    /// <summary>As the contract and JSON call it: <c>string</c>, <c>number</c> or <c>boolean</c>.</summary>
    public static string Word(this MetadataType type) => type switch
    {
        MetadataType.Text => "string",
        MetadataType.Number => "number",
        _ => "boolean",
    };
}

internal sealed class MetadataFieldConfiguration : IEntityTypeConfiguration<MetadataField>
{
    public void Configure(EntityTypeBuilder<MetadataField> builder) => builder.HasKey(f => new { f.UseCaseKey, f.OfImage, f.Name, f.Type });
}
