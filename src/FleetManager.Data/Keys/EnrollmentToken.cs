using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Keys;

/// <summary>A short-lived permission to enroll devices into a workspace.</summary>
public sealed class EnrollmentToken
{
    public int Key { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>The device that it enrolls; null when it makes new ones.</summary>
    public int? DeviceKey { get; set; }

    public required string Prefix { get; set; }

    public required string Hash { get; set; }

    public required int Uses { get; set; }

    /// <summary>Counted down in the statement that enrolls, so that N uses admit exactly N devices however many ask at once.</summary>
    public required int UsesLeft { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required string CreatedBy { get; set; }
}

internal sealed class EnrollmentTokenConfiguration : IEntityTypeConfiguration<EnrollmentToken>
{
    public void Configure(EntityTypeBuilder<EnrollmentToken> builder)
    {
        builder.HasKey(t => t.Key);
        builder.HasIndex(t => t.Hash).IsUnique();
        builder.HasIndex(t => new { t.WorkspaceId, t.ExpiresAt });
        builder.HasOne<Device>().WithMany().HasForeignKey(t => t.DeviceKey).OnDelete(DeleteBehavior.Cascade);
    }
}
