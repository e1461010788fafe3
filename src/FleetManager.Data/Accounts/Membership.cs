using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Accounts;

/// <summary>What a user may do in a workspace.</summary>
public sealed class Membership
{
    public required int WorkspaceId { get; set; }

    public required int UserKey { get; set; }

    /// <summary><c>owner</c>, <c>admin</c>, <c>operator</c> or <c>viewer</c>.</summary>
    public required string Role { get; set; }
}

internal sealed class MembershipConfiguration : IEntityTypeConfiguration<Membership>
{
    public void Configure(EntityTypeBuilder<Membership> builder)
    {
        builder.HasKey(m => new { m.WorkspaceId, m.UserKey });
        builder.HasOne<User>().WithMany().HasForeignKey(m => m.UserKey);
        builder.HasOne<Workspaces.Workspace>().WithMany().HasForeignKey(m => m.WorkspaceId);
    }
}
