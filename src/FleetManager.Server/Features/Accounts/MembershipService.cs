using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Accounts;

/// <summary>Which workspaces a user may enter. What is not found here does not exist for that user.</summary>
internal sealed class MembershipService(IDbContextFactory<FleetDb> databases)
{
    /// <summary>Null when there is no such workspace, or the user is not a member: the two look the same from outside.</summary>
    public async Task<WorkspaceScope?> FindAsync(ConsoleUser user, string slug, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Of(db, user).FirstOrDefaultAsync(w => w.Slug == slug, cancellationToken);
    }

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<WorkspaceScope>> ListAsync(ConsoleUser user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Of(db, user).OrderBy(w => w.Name).ToListAsync(cancellationToken);
    }

    private static IQueryable<WorkspaceScope> Of(FleetDb db, ConsoleUser user) =>
        from membership in db.Memberships.AsNoTracking()
        join workspace in db.Workspaces on membership.WorkspaceId equals workspace.Id
        where membership.UserKey == user.Key
        select new WorkspaceScope { Id = workspace.Id, Slug = workspace.Slug, Name = workspace.Name, Role = membership.Role, Email = user.Email };
}
