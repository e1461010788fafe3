using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Data.Devices;

namespace FleetManager.Server.Features.Devices;

/// <summary>Order of a device's messages: the greater one is the newer one, whatever clocks say.</summary>
internal readonly record struct Position(long Boot, long Seq)
{
    public bool IsAfter(Position other) => Boot > other.Boot || (Boot == other.Boot && Seq > other.Seq);
}

/// <summary>
/// The latest that this process heard of one device and has not written yet. News replaces what waits, so a slow database costs
/// freshness and never memory. A part that was written is forgotten but for its position.
/// </summary>
internal sealed class StatusSlot(DeviceRef device)
{
    private readonly Lock _gate = new();
    private Position _presence;
    private Position _settings;
    private Position _sync;
    private Position _telemetry;
    private DeviceStatus _pending = Empty(device);
    private int _version;
    private bool _queued;

    public DeviceRef Device { get; } = device;

    /// <summary>When a REST call was last passed on; the calls between need not be written.</summary>
    public DateTimeOffset? RestNotedAt { get; private set; }

    /// <summary>Whether something is still to be written.</summary>
    public bool HasNews
    {
        get
        {
            lock (_gate)
            {
                return _queued;
            }
        }
    }

    public bool Presence(Position at, PresenceReport report, DateTimeOffset now) => Take(ref _presence, at, now, status =>
    {
        (status.PresenceBoot, status.PresenceSeq) = (at.Boot, at.Seq);
        status.Presence = WordOf(JsonSerializer.SerializeToElement(report.State, ContractsJson.Default.PresenceState));
        status.AgentVersion = report.AgentVersion;
        status.Hardware = report.Hardware is null ? status.Hardware : JsonSerializer.Serialize(report.Hardware, ContractsJson.Default.HardwareSummary);
    });

    public bool Settings(Position at, ReportedSettings report, DateTimeOffset now) => Take(ref _settings, at, now, status =>
    {
        (status.SettingsBoot, status.SettingsSeq) = (at.Boot, at.Seq);
        (status.ReportedRevision, status.ReportedHash, status.ReportedAt) = (report.Revision, report.Hash, now);
        status.ReportedState = WordOf(JsonSerializer.SerializeToElement(report.State, ContractsJson.Default.SettingsState));
        status.Reported = JsonSerializer.Serialize(report, ContractsJson.Default.ReportedSettings);
    });

    public bool Sync(Position at, SyncReport report, DateTimeOffset now) => Take(ref _sync, at, now, status =>
    {
        (status.SyncBoot, status.SyncSeq) = (at.Boot, at.Seq);
        (status.PendingRecords, status.SyncAt) = (report.PendingRecords, now);
        status.SyncPhase = WordOf(JsonSerializer.SerializeToElement(report.Phase, ContractsJson.Default.SyncPhase));
        status.Sync = JsonSerializer.Serialize(report, ContractsJson.Default.SyncReport);
    });

    public bool Telemetry(Position at, TelemetrySample sample, DateTimeOffset now) => Take(ref _telemetry, at, now, status =>
        (status.Telemetry, status.TelemetryAt) = (JsonSerializer.Serialize(sample, ContractsJson.Default.TelemetrySample), now));

    public void Connection(bool open, DateTimeOffset now) => Change(status => (status.Connected, status.ConnectionChangedAt) = (open, now));

    public void Rest(DateTimeOffset now)
    {
        RestNotedAt = now;
        Change(status => status.LastRestAt = now);
    }

    /// <summary>True when the caller must queue the slot: it has news and does not wait already.</summary>
    public bool TryQueue()
    {
        lock (_gate)
        {
            var first = !_queued;
            _queued = true;
            return first;
        }
    }

    /// <summary>What to write, and the version to confirm it by. Not changed any more: news goes into a copy.</summary>
    public (DeviceStatus Row, int Version) Snapshot()
    {
        lock (_gate)
        {
            return (_pending, _version);
        }
    }

    /// <summary>The snapshot is in the database; false when news came since, and the slot is still to be written.</summary>
    public bool Written(int version)
    {
        lock (_gate)
        {
            if (version != _version)
            {
                return false;
            }

            _pending = Empty(Device);
            _queued = false;
            return true;
        }
    }

    private bool Take(ref Position last, Position at, DateTimeOffset now, Action<DeviceStatus> change)
    {
        lock (_gate)
        {
            if (!at.IsAfter(last))
            {
                return false;
            }

            last = at;
            Change(status =>
            {
                change(status);
                status.LastUplinkAt = now;
            });
            return true;
        }
    }

    private void Change(Action<DeviceStatus> change)
    {
        lock (_gate)
        {
            var next = _pending.Copy();
            change(next);
            _pending = next;
            _version++;
        }
    }

    private static DeviceStatus Empty(DeviceRef device) => new() { DeviceKey = device.Key, WorkspaceId = device.WorkspaceId };

    private static string WordOf(JsonElement word) => word.GetString()!;
}
