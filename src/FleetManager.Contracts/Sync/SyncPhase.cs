using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Sync;

/// <summary>What the backup is doing (design 5.3).</summary>
public enum SyncPhase
{
    /// <summary>Backup is off.</summary>
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>Nothing is pending.</summary>
    [JsonStringEnumMemberName("idle")] Idle,

    /// <summary>Events are going up.</summary>
    [JsonStringEnumMemberName("uploading")] Uploading,

    /// <summary>The server asked for a pause, or failed; the next try is timed.</summary>
    [JsonStringEnumMemberName("backoff")] Backoff,

    /// <summary>A person paused it.</summary>
    [JsonStringEnumMemberName("paused")] Paused,

    /// <summary>Outside every time window.</summary>
    [JsonStringEnumMemberName("windowClosed")] WindowClosed,

    /// <summary>The store is full of events not yet synced; new ones are refused.</summary>
    [JsonStringEnumMemberName("capacityBlocked")] CapacityBlocked,

    /// <summary>The server refuses the device's key.</summary>
    [JsonStringEnumMemberName("unauthorized")] Unauthorized,

    /// <summary>The server can not be reached.</summary>
    [JsonStringEnumMemberName("offline")] Offline,

    /// <summary>The agent can not go on by itself; see the last error.</summary>
    [JsonStringEnumMemberName("error")] Error,
}
