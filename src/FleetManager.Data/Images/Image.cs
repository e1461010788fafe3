using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Images;

/// <summary>An uploaded image. Its bytes lie in the image store under the same id.</summary>
public sealed class Image
{
    public required int WorkspaceId { get; set; }

    /// <summary>SHA-256 of the bytes in lower-case hexadecimal: uploading the same image again is free.</summary>
    public required string SourceId { get; set; }

    public required long Size { get; set; }

    /// <summary>Media type found by content, never by name or declared type.</summary>
    public required string MediaType { get; set; }

    public string? Name { get; set; }

    public string? Metadata { get; set; }

    /// <summary>When its bytes were stored, by the server's clock: its hour is part of their place in the store.</summary>
    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last uploaded or named by an event, by the server's clock; at most 12 hours behind. Retention goes by it.</summary>
    public required DateTimeOffset LastUsedAt { get; set; }
}

internal sealed class ImageConfiguration : IEntityTypeConfiguration<Image>
{
    public void Configure(EntityTypeBuilder<Image> builder)
    {
        builder.HasKey(i => new { i.WorkspaceId, i.SourceId });
        builder.HasIndex(i => new { i.WorkspaceId, i.LastUsedAt });
        builder.Property(i => i.Metadata).IsJsonOrNull();
    }
}
