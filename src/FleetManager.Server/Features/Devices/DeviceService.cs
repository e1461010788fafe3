using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Live;
using FleetManager.Server.Messaging;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Devices;

/// <summary>Lists, shows, renames and revokes devices.</summary>
internal sealed class DeviceService(IDbContextFactory<FleetDb> databases, DeviceLink link, ChangeFeed changes, TimeProvider time)
{
    public const int NameLength = 100;

    private const int MaxTake = 500;

    /// <summary>An agent reports every 30 s at the slowest; after three missing reports the figures are old.</summary>
    public static readonly TimeSpan SyncStaleAfter = TimeSpan.FromSeconds(90);

    public async Task<DeviceList> ListAsync(int workspaceId, DeviceListQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = Matching(db, workspaceId, query.Search);
        var total = await found.CountAsync(cancellationToken);
        var page = await Ordered(found, query)
            .Skip(Math.Max(0, query.Skip))
            .Take(Math.Clamp(query.Take, 1, MaxTake))
            .ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return new DeviceList([.. page.Select(f => ToRow(f, now))], total);
    }

    /// <summary>Null when the workspace has no such device.</summary>
    public async Task<DeviceView?> FindAsync(int workspaceId, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await WithStatus(db, db.Devices.Where(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId))
            .FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : ToView(found, time.GetUtcNow());
    }

    /// <summary>False when the workspace has no such device. The name must be one that <see cref="IsName"/> accepts.</summary>
    public async Task<bool> RenameAsync(int workspaceId, string deviceId, string name, string actor, CancellationToken cancellationToken)
    {
        if (!IsName(name))
        {
            throw new ArgumentException("The name is empty, too long, or holds control characters.", nameof(name));
        }

        return await ChangeAsync(
            workspaceId, deviceId, d => d.Name = name.Trim(), actor, "device.renamed", d => ("renamed", $"{actor} named it {d.Name}."), cancellationToken);
    }

    /// <summary>
    /// Ends the device's key for good: its session is closed before this returns, REST follows within two seconds. Its events stay. False
    /// when the workspace has no such device.
    /// </summary>
    public async Task<bool> RevokeAsync(int workspaceId, string deviceId, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await ChangeAsync(
            workspaceId, deviceId, d => d.RevokedAt ??= now, actor, "device.revoked", _ => ("key_revoked", $"{actor} ended its key."), cancellationToken);
        if (found && DeviceId.TryParse(deviceId, out var id))
        {
            await link.CloseAsync(id);
        }

        return found;
    }

    /// <summary>1 to 100 characters, none of them a control character.</summary>
    public static bool IsName(string? name) =>
        !string.IsNullOrWhiteSpace(name) && name.Trim().Length <= NameLength && !name.Any(char.IsControl);

    private async Task<bool> ChangeAsync(
        int workspaceId,
        string deviceId,
        Action<Device> change,
        string actor,
        string action,
        Func<Device, (string Name, string Description)> tell,
        CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var device = await db.Devices.FirstOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeviceId == deviceId, cancellationToken);
        if (device is null)
        {
            return false;
        }

        change(device);
        var now = time.GetUtcNow();
        var (name, description) = tell(device);
        db.DeviceEvents.Add(DeviceEntities.Deed(device, name, description, now));
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = workspaceId,
            At = now,
            Actor = actor,
            Action = action,
            Subject = deviceId,
        });
        await db.SaveChangesAsync(cancellationToken);
        changes.Publish(new Change(workspaceId, ChangeKind.Device, deviceId));
        return true;
    }

#pragma warning disable CA1304, CA1311, CA1862 // Lower case is made in the database, which has no culture; people sort without regard to case.
    private static IQueryable<Found> Matching(FleetDb db, int workspaceId, string? search)
    {
        var devices = db.Devices.Where(d => d.WorkspaceId == workspaceId);
        if (!string.IsNullOrWhiteSpace(search))
        {
            var text = search.Trim().ToLowerInvariant();
            devices = devices.Where(d => d.Name.ToLower().Contains(text) || d.DeviceId.Contains(text));
        }

        return WithStatus(db, devices);
    }

    private static IOrderedQueryable<Found> Ordered(IQueryable<Found> found, DeviceListQuery query) => (query.Sort, query.Descending) switch
    {
        // The databases disagree on where nulls go; here they are always last.
        (DeviceSort.EnrolledAt, false) => found.OrderBy(f => f.Device.EnrolledAt == null).ThenBy(f => f.Device.EnrolledAt).ThenBy(f => f.Device.Key),
        (DeviceSort.EnrolledAt, true) => found.OrderBy(f => f.Device.EnrolledAt == null).ThenByDescending(f => f.Device.EnrolledAt).ThenByDescending(f => f.Device.Key),
        (DeviceSort.LastHeard, false) => ThenByName(found.OrderBy(f => f.Status!.LastUplinkAt == null).ThenBy(f => f.Status!.LastUplinkAt)),
        (DeviceSort.LastHeard, true) => ThenByName(found.OrderBy(f => f.Status!.LastUplinkAt == null).ThenByDescending(f => f.Status!.LastUplinkAt)),
        (DeviceSort.Pending, false) => ThenByName(found.OrderBy(f => f.Status!.PendingRecords == null).ThenBy(f => f.Status!.PendingRecords)),
        (DeviceSort.Pending, true) => ThenByName(found.OrderBy(f => f.Status!.PendingRecords == null).ThenByDescending(f => f.Status!.PendingRecords)),
        (_, true) => found.OrderByDescending(f => f.Device.Name.ToLower()).ThenByDescending(f => f.Device.Key),
        _ => found.OrderBy(f => f.Device.Name.ToLower()).ThenBy(f => f.Device.Key),
    };

    private static IOrderedQueryable<Found> ThenByName(IOrderedQueryable<Found> found) => found.ThenBy(f => f.Device.Name.ToLower()).ThenBy(f => f.Device.Key);
#pragma warning restore CA1304, CA1311, CA1862

    private static IQueryable<Found> WithStatus(FleetDb db, IQueryable<Device> devices) =>
        devices.AsNoTracking().LeftJoin(db.DeviceStatuses.AsNoTracking(), d => d.Key, s => s.DeviceKey, (d, s) => new Found { Device = d, Status = s });

    private static DeviceRow ToRow(Found found, DateTimeOffset now) => new(
        found.Device.DeviceId,
        found.Device.Name,
        found.Device.Type,
        found.Device.Tags,
        found.Status?.AgentVersion,
        found.Device.CreatedAt,
        found.Device.EnrolledAt,
        found.Device.RevokedAt is not null,
        Presence.Of(found.Status, now),
        Read(found.Status?.Sync, ContractsJson.Default.SyncReport)?.Phase,
        found.Status?.PendingRecords,
        found.Status?.SyncAt,
        IsStale(found.Status, now),
        ProgressOf(found));

    // A list tells what the device said; whether an unanswered revision is already on its way is shown on the device's own page.
    private static SettingsProgress ProgressOf(Found found) =>
        found.Device.DesiredRevision == 0 ? SettingsProgress.Default
        : found.Status?.ReportedRevision != found.Device.DesiredRevision ? SettingsProgress.Pending
        : found.Status.ReportedState switch
        {
            "applied" => SettingsProgress.Applied,
            "partlyApplied" => SettingsProgress.PartlyApplied,
            _ => SettingsProgress.Rejected,
        };

    private static DeviceView ToView(Found found, DateTimeOffset now) => new(
        found.Device.DeviceId,
        found.Device.Name,
        found.Device.Type,
        found.Device.Tags,
        found.Status?.AgentVersion,
        Read(found.Status?.Hardware, ContractsJson.Default.HardwareSummary),
        found.Device.CreatedAt,
        found.Device.EnrolledAt,
        found.Device.RevokedAt,
        Presence.Of(found.Status, now),
        Read(found.Status?.Sync, ContractsJson.Default.SyncReport),
        found.Status?.SyncAt,
        IsStale(found.Status, now),
        Read(found.Status?.Telemetry, ContractsJson.Default.TelemetrySample),
        found.Status?.TelemetryAt);

    private static bool IsStale(DeviceStatus? status, DateTimeOffset now) => status?.SyncAt is { } at && now - at > SyncStaleAfter;

    private static T? Read<T>(string? json, JsonTypeInfo<T> type)
        where T : class => json is null ? null : JsonSerializer.Deserialize(json, type);

    private sealed class Found
    {
        public required Device Device { get; init; }

        public required DeviceStatus? Status { get; init; }
    }
}
