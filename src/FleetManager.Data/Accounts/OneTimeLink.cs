using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Accounts;

/// <summary>A link that works once: to make the first admin, or to set a password.</summary>
public sealed class OneTimeLink
{
    public int Key { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>Whose password it sets; null makes the first admin.</summary>
    public int? UserKey { get; set; }

    /// <summary>SHA-256 of the link's secret.</summary>
    public required string Hash { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}

internal sealed class OneTimeLinkConfiguration : IEntityTypeConfiguration<OneTimeLink>
{
    public void Configure(EntityTypeBuilder<OneTimeLink> builder)
    {
        builder.HasKey(l => l.Key);
        builder.HasIndex(l => l.Hash).IsUnique();
    }
}
