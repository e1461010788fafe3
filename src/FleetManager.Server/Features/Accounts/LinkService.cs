using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Accounts;

/// <summary>One-time links: kept as hashes, good once and for a day.</summary>
internal sealed class LinkService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    private static readonly TimeSpan s_goodFor = TimeSpan.FromHours(24);

    /// <summary>Makes the link that makes the first admin and voids every earlier one; null when there is a user already.</summary>
    public async Task<string?> RenewFirstAdminAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.OneTimeLinks.Where(l => l.UserKey == null).ExecuteDeleteAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        var workspaceId = await db.Workspaces.OrderBy(w => w.Id).Select(w => w.Id).FirstAsync(cancellationToken);
        return "/account/first-admin?token=" + await AddAsync(db, workspaceId, null, cancellationToken);
    }

    /// <summary>Makes a link by which a user sets a password, and voids the user's earlier ones.</summary>
    public async Task<string> CreateSetPasswordAsync(int userKey, int workspaceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.OneTimeLinks.Where(l => l.UserKey == userKey).ExecuteDeleteAsync(cancellationToken);
        return "/account/set-password?token=" + await AddAsync(db, workspaceId, userKey, cancellationToken);
    }

    /// <summary>The link of this secret while it is good; does not use it up.</summary>
    public async Task<OneTimeLink?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Good(db, token).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Uses the link up within the caller's transaction; of any number of callers at once exactly one gets true.</summary>
    public async Task<bool> TryUseAsync(FleetDb db, string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await Good(db, token).ExecuteUpdateAsync(s => s.SetProperty(l => l.UsedAt, now), cancellationToken) == 1;
    }

    private IQueryable<OneTimeLink> Good(FleetDb db, string token)
    {
        var hash = Secret.Hash(token);
        var now = time.GetUtcNow();
        return db.OneTimeLinks.Where(l => l.Hash == hash && l.UsedAt == null && l.ExpiresAt > now);
    }

    private async Task<string> AddAsync(FleetDb db, int workspaceId, int? userKey, CancellationToken cancellationToken)
    {
        var token = Secret.New(Secret.LinkPrefix);
        db.OneTimeLinks.Add(new OneTimeLink
        {
            WorkspaceId = workspaceId,
            UserKey = userKey,
            Hash = Secret.Hash(token),
            ExpiresAt = time.GetUtcNow() + s_goodFor,
        });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }
}
