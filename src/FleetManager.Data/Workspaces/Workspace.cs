using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Workspaces;

/// <summary>A tenant. Its slug stands in console and device API addresses.</summary>
public sealed class Workspace
{
    public int Id { get; set; }

    public required string Slug { get; set; }

    public required string Name { get; set; }

    /// <summary>History window in days: older events are invisible (vision-events.md 8, <c>lookbackDays</c>).</summary>
    public int HistoryDays { get; set; } = 400;

    public required DateTimeOffset CreatedAt { get; set; }
}

internal sealed class WorkspaceConfiguration : IEntityTypeConfiguration<Workspace>
{
    public void Configure(EntityTypeBuilder<Workspace> builder) => builder.HasIndex(w => w.Slug).IsUnique();
}
