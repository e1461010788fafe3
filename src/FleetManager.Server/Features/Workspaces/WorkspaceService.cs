using FleetManager.Data;
using FleetManager.Data.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Workspaces;

/// <summary>Workspaces, and the first one, which every start makes sure of.</summary>
internal sealed class WorkspaceService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>Slug of the workspace that the first start makes.</summary>
    public const string FirstSlug = "default";

    public async Task EnsureFirstAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Workspaces.AnyAsync(cancellationToken))
        {
            db.Workspaces.Add(new Workspace { Slug = FirstSlug, Name = "Default workspace", CreatedAt = time.GetUtcNow() });
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Null when there is none of that slug.</summary>
    public async Task<Workspace?> FindAsync(string slug, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Workspaces.AsNoTracking().FirstOrDefaultAsync(w => w.Slug == slug, cancellationToken);
    }
}
