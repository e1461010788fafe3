using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Devices;
using FleetManager.Data.Settings;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Settings;

/// <summary>Shows and saves the settings that a device should have.</summary>
internal sealed class SettingsService(
    IDbContextFactory<FleetDb> databases,
    SettingsDelivery delivery,
    UseCaseDirectory useCases,
    ChangeFeed changes,
    TimeProvider time)
{
    /// <summary>No device gets here by being saved; one that claims more is not believed.</summary>
    private const long HighestRevision = 1L << 52;

    /// <summary>Null when the workspace has no such device.</summary>
    public async Task<SettingsView?> GetAsync(int workspaceId, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var device = await FindAsync(db, workspaceId, deviceId, cancellationToken);
        if (device is null)
        {
            return null;
        }

        var saved = await db.SettingsRevisions.AsNoTracking()
            .FirstOrDefaultAsync(r => r.DeviceKey == device.Key && r.Revision == device.DesiredRevision, cancellationToken);
        var status = await db.DeviceStatuses.AsNoTracking().FirstOrDefaultAsync(s => s.DeviceKey == device.Key, cancellationToken);
        var reported = status?.Reported is { } json ? JsonSerializer.Deserialize(json, ContractsJson.Default.ReportedSettings) : null;
        return new SettingsView(
            saved?.Revision ?? 0,
            saved is null ? SettingsCatalog.Defaults : JsonElement.Parse(saved.Sections),
            saved?.IssuedBy,
            saved?.IssuedAt,
            reported,
            status?.ReportedAt,
            ProgressOf(saved, reported, deviceId));
    }

    /// <summary>
    /// Saves the whole document as the next revision, if <paramref name="basedOn"/> is still the latest: of two savers at once, one wins
    /// and the other is told. Returns after the commit; the device may answer later or never.
    /// </summary>
    public async Task<SaveResult> SaveAsync(
        int workspaceId,
        string deviceId,
        long basedOn,
        JsonElement sections,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, workspaceId, deviceId, cancellationToken) is not { } device)
        {
            return new SaveResult.NotFound();
        }

        var faults = SettingsCheck.Faults(sections);
        if (faults.Count > 0)
        {
            return new SaveResult.Invalid(faults);
        }

        var complete = SettingsCheck.Complete(sections);
        if (await UseCaseFaultAsync(workspaceId, complete, cancellationToken) is { } unknown)
        {
            return new SaveResult.Invalid([unknown]);
        }

        if (await StoreAsync(db, device, basedOn, complete, actor, cancellationToken) is not { } revision)
        {
            return await GetAsync(workspaceId, deviceId, cancellationToken) is { } current ? new SaveResult.Conflict(current) : new SaveResult.NotFound();
        }

        if (DeviceId.TryParse(deviceId, out var id))
        {
            await delivery.SendAsync(id, cancellationToken);
        }

        changes.Publish(new Change(workspaceId, ChangeKind.Device, deviceId));
        return new SaveResult.Saved(revision);
    }

    private async Task<SectionFault?> UseCaseFaultAsync(int workspaceId, JsonElement sections, CancellationToken cancellationToken)
    {
        var backup = SettingsCatalog.VisionEventsBackup;
        if (backup.Read(sections.GetProperty(backup.Name)).DefaultUseCaseId is not { } named
            || await useCases.ResolveAsync(workspaceId, named, cancellationToken) is { Archived: false })
        {
            return null;
        }

        return new SectionFault(backup.Name, new SettingFault(
            "useCase", "defaultUseCaseId", $"defaultUseCaseId must be an active use case of this workspace, and '{named}' is none"));
    }

    /// <summary>Revision, history row and audit row in one transaction; null, and nothing stored, when somebody saved meanwhile.</summary>
    private async Task<long?> StoreAsync(FleetDb db, Device device, long basedOn, JsonElement sections, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // A server restored from a backup is behind its devices, which never go back: the next revision must be above theirs too.
        var applied = await db.DeviceStatuses
            .Where(s => s.DeviceKey == device.Key && s.ReportedRevision < HighestRevision)
            .MaxAsync(s => s.ReportedRevision, cancellationToken);
        var next = Math.Max(basedOn, applied ?? 0) + 1;
        var won = await db.Devices
            .Where(d => d.Key == device.Key && d.DesiredRevision == basedOn)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.DesiredRevision, next), cancellationToken);
        if (won == 0)
        {
            return null;
        }

        db.SettingsRevisions.Add(new SettingsRevision
        {
            WorkspaceId = device.WorkspaceId,
            DeviceKey = device.Key,
            Revision = next,
            Hash = CanonicalJson.Hash(sections),
            Sections = sections.GetRawText(),
            IssuedAt = now,
            IssuedBy = actor,
        });
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = device.WorkspaceId,
            At = now,
            Actor = actor,
            Action = "settings.saved",
            Subject = device.DeviceId,
            Detail = $$"""{"revision":{{next}}}""",
        });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return next;
    }

    private SettingsProgress ProgressOf(SettingsRevision? saved, ReportedSettings? reported, string deviceId)
    {
        if (saved is null)
        {
            return SettingsProgress.Default;
        }

        if (reported?.Revision == saved.Revision && reported.Hash == saved.Hash)
        {
            return reported.State switch
            {
                SettingsState.Applied => SettingsProgress.Applied,
                SettingsState.PartlyApplied => SettingsProgress.PartlyApplied,
                _ => SettingsProgress.Rejected,
            };
        }

        return DeviceId.TryParse(deviceId, out var id) && delivery.IsSent(id, saved.Revision) ? SettingsProgress.Sent : SettingsProgress.Pending;
    }

    private static Task<Device?> FindAsync(FleetDb db, int workspaceId, string deviceId, CancellationToken cancellationToken) =>
        db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId, cancellationToken);
}
