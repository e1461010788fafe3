using System.Security.Cryptography;
using FleetManager.Data;
using FleetManager.Data.Accounts;
using FleetManager.Data.Audit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Accounts;

/// <summary>Makes users, sets and checks passwords. There is no default user and no default password.</summary>
internal sealed class AccountService(
    IDbContextFactory<FleetDb> databases,
    IPasswordHasher<User> hasher,
    LinkService links,
    SignInGate gate,
    TimeProvider time)
{
    private const string SignInFault = "E-mail or password is wrong.";

    private readonly Lazy<(User User, string Hash)> _nobody = new(() =>
    {
        var user = NewUser("nobody", default);
        return (user, hasher.HashPassword(user, NewStamp()));
    });

    /// <summary>Uses up the first-admin link and makes its holder the owner of the first workspace.</summary>
    public async Task<AccountResult> CreateFirstAdminAsync(string? token, string? email, string? password, string? repeated, CancellationToken cancellationToken)
    {
        if ((Credentials.EmailFault(email) ?? Credentials.PasswordFault(password, repeated)) is { } fault)
        {
            return new AccountResult(fault);
        }

        if (await links.FindAsync(token, cancellationToken) is not { UserKey: null } link)
        {
            return AccountResult.LinkGone;
        }

        var user = NewUser(email!, time.GetUtcNow());
        user.PasswordHash = hasher.HashPassword(user, password!);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await links.TryUseAsync(db, token!, cancellationToken) || await db.Users.AnyAsync(cancellationToken))
        {
            return AccountResult.LinkGone;
        }

        db.Users.Add(user);
        await db.SaveChangesAsync(cancellationToken);
        db.Memberships.Add(new Membership { WorkspaceId = link.WorkspaceId, UserKey = user.Key, Role = Roles.Owner });
        Audit(db, link.WorkspaceId, user.Email, "user.first_admin_created", user.Email);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AccountResult(null, user);
    }

    /// <summary>Uses up a set-password link. Every session of the user ends, because its stamp changes.</summary>
    public async Task<AccountResult> SetPasswordAsync(string? token, string? password, string? repeated, CancellationToken cancellationToken)
    {
        if (Credentials.PasswordFault(password, repeated) is { } fault)
        {
            return new AccountResult(fault);
        }

        if (await links.FindAsync(token, cancellationToken) is not { UserKey: { } userKey } link)
        {
            return AccountResult.LinkGone;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await links.TryUseAsync(db, token!, cancellationToken)
            || await db.Users.SingleOrDefaultAsync(u => u.Key == userKey && u.DisabledAt == null, cancellationToken) is not { } user)
        {
            return AccountResult.LinkGone;
        }

        user.PasswordHash = hasher.HashPassword(user, password!);
        user.SecurityStamp = NewStamp();
        Audit(db, link.WorkspaceId, user.Email, "user.password_set", user.Email);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AccountResult(null, user);
    }

    /// <summary>Says the same, after the same work, whether the e-mail is unknown or the password wrong.</summary>
    public async Task<AccountResult> SignInAsync(string? email, string? password, string address, CancellationToken cancellationToken)
    {
        var key = Credentials.KeyOf(email ?? "");
        if (!gate.TryEnter(key, address))
        {
            return new AccountResult("Too many attempts. Wait 15 minutes and try again.");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.EmailKey == key && u.DisabledAt == null, cancellationToken);
        var (checkedUser, hash) = user?.PasswordHash is { } stored ? (user, stored) : _nobody.Value;
        var verdict = hasher.VerifyHashedPassword(checkedUser, hash, password ?? "");
        if (user?.PasswordHash is null || verdict == PasswordVerificationResult.Failed)
        {
            return new AccountResult(SignInFault);
        }

        if (verdict == PasswordVerificationResult.SuccessRehashNeeded)
        {
            user.PasswordHash = hasher.HashPassword(user, password!);
            await db.SaveChangesAsync(cancellationToken);
        }

        gate.Succeeded(key, address);
        return new AccountResult(null, user);
    }

    /// <summary>
    /// For the command line: makes a user, or finds the one there is, gives the role in the first workspace and returns the path of a
    /// one-time link that sets the password. For an existing user this is also the way back in after a lost password.
    /// </summary>
    public async Task<AddUserResult> AddUserAsync(string email, string role, CancellationToken cancellationToken)
    {
        if (Credentials.EmailFault(email) is { } fault)
        {
            return new AddUserResult(null, fault);
        }

        if (!Roles.All.Contains(role))
        {
            return new AddUserResult(null, $"There is no role '{role}': use one of {string.Join(", ", Roles.All)}.");
        }

        var key = Credentials.KeyOf(email);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var workspaceId = await db.Workspaces.OrderBy(w => w.Id).Select(w => w.Id).FirstAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.EmailKey == key, cancellationToken);
        if (user is null)
        {
            user = NewUser(email, time.GetUtcNow());
            db.Users.Add(user);
            await db.SaveChangesAsync(cancellationToken);
        }

        var membership = await db.Memberships.SingleOrDefaultAsync(m => m.WorkspaceId == workspaceId && m.UserKey == user.Key, cancellationToken);
        if (membership is null)
        {
            db.Memberships.Add(new Membership { WorkspaceId = workspaceId, UserKey = user.Key, Role = role });
        }
        else
        {
            membership.Role = role;
        }

        Audit(db, workspaceId, "admin", "user.added", user.Email);
        await db.SaveChangesAsync(cancellationToken);
        return new AddUserResult(await links.CreateSetPasswordAsync(user.Key, workspaceId, cancellationToken), null);
    }

    private static User NewUser(string email, DateTimeOffset now) => new()
    {
        Email = email.Trim(),
        EmailKey = Credentials.KeyOf(email),
        SecurityStamp = NewStamp(),
        CreatedAt = now,
    };

    private static string NewStamp() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private void Audit(FleetDb db, int workspaceId, string actor, string action, string subject) =>
        db.AuditEntries.Add(new AuditEntry { WorkspaceId = workspaceId, At = time.GetUtcNow(), Actor = actor, Action = action, Subject = subject });
}
