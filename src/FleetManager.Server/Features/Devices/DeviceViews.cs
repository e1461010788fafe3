using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Features.Settings;

namespace FleetManager.Server.Features.Devices;

/// <summary>What to list: a page of the devices whose name or id contains <paramref name="Search"/>.</summary>
internal sealed record DeviceListQuery(
    string? Search = null,
    DeviceSort Sort = DeviceSort.Name,
    bool Descending = false,
    int Skip = 0,
    int Take = 50);

/// <summary>What a list of devices is ordered by; the name breaks ties, and devices without a value come last.</summary>
internal enum DeviceSort
{
    Name,
    EnrolledAt,
    LastHeard,
    Pending,
}

/// <summary>A page, and how many there are on all pages.</summary>
internal sealed record DeviceList(IReadOnlyList<DeviceRow> Rows, int Total);

/// <summary>A device in a list; <paramref name="EnrolledAt"/> is null until it has a key. <paramref name="SyncIsStale"/>: the figures are old and must not be shown as the present state.</summary>
internal sealed record DeviceRow(
    string DeviceId,
    string Name,
    string? Type,
    IReadOnlyList<string> Tags,
    string? AgentVersion,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EnrolledAt,
    bool Revoked,
    Presence Presence,
    SyncPhase? Phase,
    long? PendingRecords,
    DateTimeOffset? SyncAt,
    bool SyncIsStale,
    SettingsProgress Settings);

/// <summary>Everything that is known of one device, its settings left out; <paramref name="EnrolledAt"/> is null until it has a key.</summary>
internal sealed record DeviceView(
    string DeviceId,
    string Name,
    string? Type,
    IReadOnlyList<string> Tags,
    string? AgentVersion,
    HardwareSummary? Hardware,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EnrolledAt,
    DateTimeOffset? RevokedAt,
    Presence Presence,
    SyncReport? Sync,
    DateTimeOffset? SyncAt,
    bool SyncIsStale,
    TelemetrySample? Telemetry,
    DateTimeOffset? TelemetryAt);
