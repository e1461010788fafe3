using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.UseCases;

/// <summary>A named bucket of vision events.</summary>
public sealed class UseCase
{
    public int Key { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>Public id, URL-safe, made of the first name and never changed: renaming breaks no sender.</summary>
    public required string UseCaseId { get; set; }

    public required string Name { get; set; }

    /// <summary>Lower-case form, unique in the workspace.</summary>
    public required string NameKey { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was archived: hidden, readable, and closed for new events. Null while active.</summary>
    public DateTimeOffset? ArchivedAt { get; set; }
}

internal sealed class UseCaseConfiguration : IEntityTypeConfiguration<UseCase>
{
    public void Configure(EntityTypeBuilder<UseCase> builder)
    {
        builder.HasKey(u => u.Key);
        builder.HasIndex(u => new { u.WorkspaceId, u.UseCaseId }).IsUnique();
        builder.HasIndex(u => new { u.WorkspaceId, u.NameKey }).IsUnique();
    }
}
