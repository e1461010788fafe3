using System.Text.Json.Nodes;
using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Keys;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Keys;

/// <summary>
/// Makes API keys and changes them. Nobody gets more by it than they have: a key manages only keys that can do no more than itself, since a
/// roll gives the secret to whoever asks.
/// </summary>
internal sealed class ApiKeyService(IDbContextFactory<FleetDb> databases, KeyService recognised, ChangeFeed changes, TimeProvider time)
{
    public const int NameLength = 100;

    /// <summary>Keys are listed whole, so their number has an end.</summary>
    public const int MaxPerWorkspace = 1000;

    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(30);

    public async Task<IReadOnlyList<ApiKeyView>> ListAsync(int workspaceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.ApiKeys.AsNoTracking().Where(k => k.WorkspaceId == workspaceId).OrderBy(k => k.Name).ThenBy(k => k.Key).ToListAsync(cancellationToken);
        return [.. found.Select(k => ApiKeyView.Of(k, time.GetUtcNow()))];
    }

    /// <summary>Null when the workspace has no such key.</summary>
    public async Task<ApiKeyView?> FindAsync(int workspaceId, int id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.WorkspaceId == workspaceId && k.Key == id, cancellationToken);
        return found is null ? null : ApiKeyView.Of(found, time.GetUtcNow());
    }

    /// <summary>Makes a key. Its secret is in the result and can not be had again.</summary>
    public async Task<ApiKeyResult> CreateAsync(int workspaceId, NewApiKey wanted, Grantor by, CancellationToken cancellationToken)
    {
        string? fault = null;
        var scopes = wanted.Scopes is null ? null : Scopes.Parse(wanted.Scopes, out fault);
        if ((FaultOf(wanted.Name) ?? FaultOf(wanted.ExpiresAt) ?? fault) is { } wrong)
        {
            return new ApiKeyResult(ApiKeyOutcome.Invalid, wrong);
        }

        if (by.Lacks(scopes) is { } lacking)
        {
            return Beyond(lacking);
        }

        var now = time.GetUtcNow();
        var secret = Secret.New(Secret.ApiKeyPrefix);
        var key = new ApiKey
        {
            WorkspaceId = workspaceId,
            Name = wanted.Name!.Trim(),
            Prefix = secret[..Secret.VisibleLength],
            Hash = Secret.Hash(secret),
            Scopes = scopes is null ? null : string.Join(' ', scopes),
            ExpiresAt = wanted.ExpiresAt?.ToUniversalTime(),
            CreatedAt = now,
            CreatedBy = by.Actor,
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.ApiKeys.CountAsync(k => k.WorkspaceId == workspaceId, cancellationToken) >= MaxPerWorkspace)
        {
            return new ApiKeyResult(ApiKeyOutcome.TooMany, $"This workspace has {MaxPerWorkspace} API keys. Delete some that are not used any more.");
        }

        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        db.AuditEntries.Add(Audit(key, by, "api_key.created"));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Done(key, secret);
    }

    /// <summary>Changes name and expiry, switches off and on.</summary>
    public async Task<ApiKeyResult> ChangeAsync(int workspaceId, int id, ApiKeyChange change, Grantor by, CancellationToken cancellationToken)
    {
        if ((change.Name is null ? null : FaultOf(change.Name)) is { } wrongName)
        {
            return new ApiKeyResult(ApiKeyOutcome.Invalid, wrongName);
        }

        if (FaultOf(change.ExpiresAt) is { } wrongExpiry)
        {
            return new ApiKeyResult(ApiKeyOutcome.Invalid, wrongExpiry);
        }

        var action = change.Disabled switch { true => "api_key.disabled", false => "api_key.enabled", null => "api_key.changed" };
        return await SaveAsync(workspaceId, id, by, action, (_, key) =>
        {
            key.Name = change.Name?.Trim() ?? key.Name;
            key.ExpiresAt = change.ChangesExpiry ? change.ExpiresAt?.ToUniversalTime() : key.ExpiresAt;
            key.DisabledAt = change.Disabled switch { true => key.DisabledAt ?? time.GetUtcNow(), false => null, null => key.DisabledAt };
        }, cancellationToken);
    }

    /// <summary>Gives the key a new secret, which is in the result and can not be had again. The old one is good for the overlap and no longer.</summary>
    public async Task<ApiKeyResult> RollAsync(int workspaceId, int id, TimeSpan overlap, Grantor by, CancellationToken cancellationToken)
    {
        if (overlap < TimeSpan.Zero || overlap > MaxOverlap)
        {
            return new ApiKeyResult(ApiKeyOutcome.Invalid, $"The overlap must be from nothing to {MaxOverlap.Days} days.");
        }

        var secret = Secret.New(Secret.ApiKeyPrefix);
        var result = await SaveAsync(workspaceId, id, by, "api_key.rolled", (_, key) =>
        {
            key.OldHash = key.Hash;
            key.OldUntil = time.GetUtcNow() + overlap;
            key.Hash = Secret.Hash(secret);
            key.Prefix = secret[..Secret.VisibleLength];
        }, cancellationToken);
        return result.Outcome == ApiKeyOutcome.Done ? result with { Secret = secret } : result;
    }

    /// <summary>Ends the key for good.</summary>
    public Task<ApiKeyResult> DeleteAsync(int workspaceId, int id, Grantor by, CancellationToken cancellationToken) =>
        SaveAsync(workspaceId, id, by, "api_key.deleted", (db, key) => db.ApiKeys.Remove(key), cancellationToken);

    private async Task<ApiKeyResult> SaveAsync(
        int workspaceId, int id, Grantor by, string action, Action<FleetDb, ApiKey> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.ApiKeys.FirstOrDefaultAsync(k => k.WorkspaceId == workspaceId && k.Key == id, cancellationToken) is not { } key)
            {
                return ApiKeyResult.NotFound(id);
            }

            if (by.Lacks(key.Scopes?.Split(' ')) is { } lacking)
            {
                return Beyond(lacking);
            }

            change(db, key);
            db.AuditEntries.Add(Audit(key, by, action));
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return Done(key, null);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Somebody rolled or deleted it meanwhile: look again.
            }
        }
    }

    private ApiKeyResult Done(ApiKey key, string? secret)
    {
        recognised.Forget();
        changes.Publish(new Change(key.WorkspaceId, ChangeKind.ApiKey, key.Prefix));
        return new ApiKeyResult(ApiKeyOutcome.Done, null, ApiKeyView.Of(key, time.GetUtcNow()), secret);
    }

    private static ApiKeyResult Beyond(string lacking) =>
        new(ApiKeyOutcome.BeyondScopes, $"A key can manage only keys that may do no more than itself, and this one does not hold {lacking}.");

    private static string? FaultOf(string? name) =>
        string.IsNullOrWhiteSpace(name) || name.Trim().Length > NameLength || name.Any(char.IsControl)
            ? $"name must have 1 to {NameLength} characters and no control characters."
            : null;

    private string? FaultOf(DateTimeOffset? expiresAt) => expiresAt <= time.GetUtcNow() ? "expiresAt must lie in the future." : null;

    private AuditEntry Audit(ApiKey key, Grantor by, string action) => new()
    {
        WorkspaceId = key.WorkspaceId,
        At = time.GetUtcNow(),
        Actor = by.Actor,
        Action = action,
        Subject = key.Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Detail = new JsonObject
        {
            ["name"] = key.Name,
            ["prefix"] = key.Prefix,
            ["scopes"] = key.Scopes,
            ["expiresAt"] = key.ExpiresAt,
            ["oldSecretUntil"] = key.OldUntil,
        }.ToJsonString(),
    };
}
