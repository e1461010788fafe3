using System.Text.Json.Nodes;
using FleetManager.Contracts.Settings;
using FleetManager.Data;
using FleetManager.Data.Settings;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Settings;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>The configuration of a device as the reference's clients see it; kept and checked as the console's settings, which it is.</summary>
internal sealed class DeviceConfigService(IDbContextFactory<FleetDb> databases, SettingsService settings)
{
    private const int Attempts = 5;

    /// <summary>Null when the caller's workspace has no such device.</summary>
    public async Task<ConfigDto?> GetAsync(Caller caller, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.WorkspaceId == caller.WorkspaceId && d.DeviceId == deviceId, cancellationToken) is { } device
            && await settings.GetAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } view
                ? ConfigDto.Of(device, view, caller)
                : null;
    }

    /// <summary>
    /// Saves the patched document as the next revision. Without <paramref name="basedOn"/> the patch is put on whatever is there, again if
    /// somebody saved meanwhile; with it, that is a conflict. A patch that changes nothing saves nothing.
    /// </summary>
    public async Task<SaveResult> PatchAsync(Caller caller, string deviceId, JsonObject patch, long? basedOn, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await settings.GetAsync(caller.WorkspaceId, deviceId, cancellationToken) is not { } current)
            {
                return new SaveResult.NotFound();
            }

            if (basedOn is { } expected && expected != current.Revision)
            {
                return new SaveResult.Conflict(current);
            }

            var patched = MergePatch.Apply(current.Sections, patch);
            if (SettingsCheck.Faults(patched).Count == 0 && CanonicalJson.Hash(SettingsCheck.Complete(patched)) == CanonicalJson.Hash(current.Sections))
            {
                return new SaveResult.Saved(current.Revision);
            }

            var result = await settings.SaveAsync(caller.WorkspaceId, deviceId, current.Revision, patched, caller.Actor, cancellationToken);
            if (result is not SaveResult.Conflict || basedOn is not null || attempt == Attempts)
            {
                return result;
            }
        }
    }

    /// <summary>The newest first, one more than the limit when there are more; null when the caller's workspace has no such device.</summary>
    public async Task<List<SettingsRevision>?> HistoryAsync(Caller caller, string deviceId, RowCursor? after, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var device = await db.Devices.AsNoTracking().FirstOrDefaultAsync(d => d.WorkspaceId == caller.WorkspaceId && d.DeviceId == deviceId, cancellationToken);
        if (device is null)
        {
            return null;
        }

        var revisions = db.SettingsRevisions.AsNoTracking().Where(r => r.DeviceKey == device.Key);
        revisions = after is { } end ? revisions.Where(r => r.IssuedAt < end.At || (r.IssuedAt == end.At && r.Key < end.Key)) : revisions;
        return await revisions.OrderByDescending(r => r.IssuedAt).ThenByDescending(r => r.Key).Take(limit + 1).ToListAsync(cancellationToken);
    }
}
