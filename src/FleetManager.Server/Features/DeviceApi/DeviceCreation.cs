using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Devices;
using FleetManager.Data.Settings;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>What became of a wish for a device.</summary>
internal abstract record CreateResult
{
    private CreateResult()
    {
    }

    /// <summary>The device, and the token that gives it its key.</summary>
    public sealed record Created(string DeviceId, string InstallId) : CreateResult;

    /// <summary>There is no device to copy.</summary>
    public sealed record UnknownSource : CreateResult;

    /// <summary>The device to copy is another workspace's.</summary>
    public sealed record ForeignSource : CreateResult;
}

/// <summary>Makes devices that exist before they are enrolled.</summary>
internal sealed class DeviceCreation(IDbContextFactory<FleetDb> databases, EnrollmentService enrollment, ChangeFeed changes, TimeProvider time)
{
    /// <summary>Device, copied settings, install id, audit and event in one transaction.</summary>
    public async Task<CreateResult> CreateAsync(Caller caller, NewDevice wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        Device? source = null;
        if (wanted.SourceDeviceId is { } sourceId)
        {
            source = await db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.DeviceId == sourceId, cancellationToken);
            if (source is null)
            {
                return new CreateResult.UnknownSource();
            }

            if (source.WorkspaceId != caller.WorkspaceId)
            {
                return new CreateResult.ForeignSource();
            }
        }

        var now = time.GetUtcNow();
        var device = new Device
        {
            WorkspaceId = caller.WorkspaceId,
            DeviceId = DeviceId.New(time).Value,
            Name = wanted.DeviceName,
            Type = wanted.DeviceType,
            WorkflowId = wanted.WorkflowId,
            Tags = [.. wanted.Tags],
            CreatedAt = now,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Devices.Add(device);
        await db.SaveChangesAsync(cancellationToken);
        await CopySettingsAsync(db, source, device, caller.Actor, now, cancellationToken);
        var installId = await enrollment.AddInstallIdAsync(db, device, caller.Actor, cancellationToken);
        db.DeviceEvents.Add(DeviceEntities.Deed(device, "created", $"{caller.Actor} created it.", now));
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = caller.WorkspaceId,
            At = now,
            Actor = caller.Actor,
            Action = "device.created",
            Subject = device.DeviceId,
            Detail = source is null ? null : $$"""{"source":"{{source.DeviceId}}"}""",
        });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        changes.Publish(new Change(device.WorkspaceId, ChangeKind.Device, device.DeviceId));
        return new CreateResult.Created(device.DeviceId, installId);
    }

    /// <summary>The latest that the source should have becomes the first revision of the new device; a source with the product's defaults gives none.</summary>
    private static async Task CopySettingsAsync(
        FleetDb db,
        Device? source,
        Device device,
        string actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (source is null
            || await db.SettingsRevisions.AsNoTracking()
                .FirstOrDefaultAsync(r => r.DeviceKey == source.Key && r.Revision == source.DesiredRevision, cancellationToken) is not { } settings)
        {
            return;
        }

        device.DesiredRevision = 1;
        db.SettingsRevisions.Add(new SettingsRevision
        {
            WorkspaceId = device.WorkspaceId,
            DeviceKey = device.Key,
            Revision = 1,
            Hash = settings.Hash,
            Sections = settings.Sections,
            IssuedAt = now,
            IssuedBy = actor,
        });
    }
}
