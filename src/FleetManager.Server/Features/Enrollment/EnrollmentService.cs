using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Devices;
using FleetManager.Data.Keys;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Live;
using FleetManager.Server.Messaging;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Enrollment;

/// <summary>Makes enrollment tokens and turns them into devices.</summary>
internal sealed class EnrollmentService(
    IDbContextFactory<FleetDb> databases,
    DeviceLink link,
    IOptions<FleetOptions> options,
    ChangeFeed changes,
    TimeProvider time)
{
    public const int MaxUses = 10_000;

    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Long enough to walk to the device, short enough that a URL in a shell's history is worth nothing.</summary>
    public static readonly TimeSpan InstallLifetime = TimeSpan.FromHours(24);

    /// <summary>What is wrong with the uses or the lifetime of a token; null when nothing is.</summary>
    public static string? Fault(int uses, TimeSpan lifetime) =>
        uses is < 1 or > MaxUses ? $"uses must be from 1 to {MaxUses}"
        : lifetime <= TimeSpan.Zero || lifetime > MaxLifetime ? $"the lifetime must be more than nothing and at most {MaxLifetime.Days} days"
        : null;

    /// <summary>Makes a token and returns its secret, which can not be had again. Uses and lifetime must pass <see cref="Fault"/>.</summary>
    public async Task<string> CreateTokenAsync(int workspaceId, int uses, TimeSpan lifetime, string actor, CancellationToken cancellationToken)
    {
        if (Fault(uses, lifetime) is { } fault)
        {
            throw new ArgumentException(fault);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var secret = Add(db, workspaceId, device: null, uses, lifetime, actor);
        await db.SaveChangesAsync(cancellationToken);
        return secret;
    }

    /// <summary>
    /// Adds a token that gives one device its key, for the caller to save, and returns its secret. The reference calls it the install id. Tokens
    /// that the device had before end.
    /// </summary>
    public async Task<string> AddInstallIdAsync(FleetDb db, Device device, string actor, CancellationToken cancellationToken)
    {
        await db.EnrollmentTokens.Where(t => t.DeviceKey == device.Key).ExecuteUpdateAsync(s => s.SetProperty(t => t.UsesLeft, 0), cancellationToken);
        return Add(db, device.WorkspaceId, device.Key, uses: 1, InstallLifetime, actor);
    }

    /// <summary>Gives a device that waits for its key a new install id.</summary>
    public async Task<RenewResult> RenewInstallIdAsync(int workspaceId, string deviceId, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var device = await db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId, cancellationToken);
        if (device is null)
        {
            return new RenewResult.NotFound();
        }

        if (device.KeyHash is not null || device.RevokedAt is not null)
        {
            return new RenewResult.NotWaiting();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var secret = await AddInstallIdAsync(db, device, actor, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RenewResult.Renewed(secret, time.GetUtcNow() + InstallLifetime);
    }

    /// <summary>
    /// Enrolls a device. Safe to repeat: the same token with the same key gets the same device and counts no use, even after the token is
    /// spent, so an answer lost on the wire costs nothing. <paramref name="serverHost"/> is the host that the agent reached us by.
    /// </summary>
    public async Task<EnrollResult> EnrollAsync(EnrollRequest request, string serverHost, CancellationToken cancellationToken)
    {
        if (EnrollForm.Fault(request) is { } fault)
        {
            return new EnrollResult.Malformed(fault);
        }

        var tokenHash = Secret.Hash(request.Token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var token = await db.EnrollmentTokens.AsNoTracking().FirstOrDefaultAsync(t => t.Hash == tokenHash, cancellationToken);
        if (token is null)
        {
            return new EnrollResult.UnknownToken();
        }

        // Counting down first makes callers of one token queue at its row: whoever comes next sees what this one did.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var admitted = await db.EnrollmentTokens
            .Where(t => t.Key == token.Key && t.UsesLeft > 0 && t.ExpiresAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.UsesLeft, t => t.UsesLeft - 1), cancellationToken) == 1;

        var keyHash = Secret.Hash(request.DeviceKey);
        if (await db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.KeyHash == keyHash, cancellationToken) is { } known)
        {
            return known.EnrollmentTokenKey == token.Key && known.RevokedAt is null
                ? await AnswerAsync(db, known, serverHost, cancellationToken)
                : KeyTaken();
        }

        if (!admitted)
        {
            return new EnrollResult.TokenSpent(token.ExpiresAt <= now
                ? $"This enrollment token expired at {token.ExpiresAt:u}; make a new one."
                : $"This enrollment token is used up ({token.Uses} of {token.Uses} uses); make a new one.");
        }

        var device = token.DeviceKey is { } bound
            ? await ClaimAsync(db, bound, now, cancellationToken)
            : New(token, request);
        if (device is null)
        {
            return new EnrollResult.TokenSpent("The device that this enrollment token is for is enrolled or revoked already.");
        }

        if (!await GiveKeyAsync(db, device, token, request, keyHash, cancellationToken))
        {
            return KeyTaken();
        }

        await transaction.CommitAsync(cancellationToken);
        changes.Publish(new Change(device.WorkspaceId, ChangeKind.Device, device.DeviceId));
        return await AnswerAsync(db, device, serverHost, cancellationToken);
    }

    /// <summary>The device that the token is for; null when it has a key or was revoked. The row is this caller's until the commit.</summary>
    private static async Task<Device?> ClaimAsync(FleetDb db, int device, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var claimed = await db.Devices
            .Where(d => d.Key == device && d.KeyHash == null && d.RevokedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.EnrolledAt, now), cancellationToken);
        return claimed == 0 ? null : await db.Devices.SingleAsync(d => d.Key == device, cancellationToken);
    }

    private Device New(EnrollmentToken token, EnrollRequest request) => new()
    {
        WorkspaceId = token.WorkspaceId,
        DeviceId = DeviceId.New(time).Value,
        Name = EnrollForm.NameOf(request),
        CreatedAt = time.GetUtcNow(),
    };

    /// <summary>False when another caller took the key, with another token, between the look and the insert.</summary>
    private async Task<bool> GiveKeyAsync(
        FleetDb db,
        Device device,
        EnrollmentToken token,
        EnrollRequest request,
        string keyHash,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        (device.KeyHash, device.EnrollmentTokenKey, device.EnrolledAt) = (keyHash, token.Key, now);
        db.Devices.Update(device);
        db.AuditEntries.Add(Audit(token.WorkspaceId, $"device:{device.DeviceId}", "device.enrolled", device.DeviceId));
        if (!await UniqueSave.TryAsync(db, cancellationToken))
        {
            return false;
        }

        db.DeviceEvents.Add(DeviceEntities.Deed(device, "enrolled", $"Agent {request.AgentVersion} was enrolled.", now));
        db.DeviceStatuses.Add(new DeviceStatus
        {
            DeviceKey = device.Key,
            WorkspaceId = device.WorkspaceId,
            AgentVersion = request.AgentVersion,
            Hardware = request.Hardware is null ? null : JsonSerializer.Serialize(request.Hardware, ContractsJson.Default.HardwareSummary),
        });
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task<EnrollResult> AnswerAsync(FleetDb db, Device device, string serverHost, CancellationToken cancellationToken)
    {
        var slug = await db.Workspaces.Where(w => w.Id == device.WorkspaceId).Select(w => w.Slug).SingleAsync(cancellationToken);
        var broker = options.Value.Broker;
        var mqtt = new MqttAddress(broker.PublicHost ?? serverHost, link.Port, Tls: false, broker.TopicRoot);
        return new EnrollResult.Enrolled(new EnrollAnswer(device.DeviceId, device.Name, slug, mqtt));
    }

    private string Add(FleetDb db, int workspaceId, int? device, int uses, TimeSpan lifetime, string actor)
    {
        var secret = Secret.New(Secret.EnrollmentTokenPrefix);
        var now = time.GetUtcNow();
        db.EnrollmentTokens.Add(new EnrollmentToken
        {
            WorkspaceId = workspaceId,
            DeviceKey = device,
            Prefix = secret[..Secret.VisibleLength],
            Hash = Secret.Hash(secret),
            Uses = uses,
            UsesLeft = uses,
            ExpiresAt = now + lifetime,
            CreatedAt = now,
            CreatedBy = actor,
        });
        db.AuditEntries.Add(Audit(workspaceId, actor, "enrollment_token.created", secret[..Secret.VisibleLength]));
        return secret;
    }

    private AuditEntry Audit(int workspaceId, string actor, string action, string subject) =>
        new() { WorkspaceId = workspaceId, At = time.GetUtcNow(), Actor = actor, Action = action, Subject = subject };

    private static EnrollResult.Malformed KeyTaken() =>
        new("deviceKey belongs to a device already; remove the agent's data directory to make a new one.");
}
