using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Settings;

/// <summary>Section <c>eventStore</c> (design 5.2): how the agent keeps events on the device. Defaults are the product's.</summary>
public sealed record EventStoreSettings
{
    /// <summary>Whether the local Event Store API takes events.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Days that an event is kept; 0 keeps it until it is synced or a cap is reached.</summary>
    public int RetentionDays { get; set; } = 7;

    /// <summary>Most events kept.</summary>
    public long MaxRecords { get; set; } = 1_000_000;

    /// <summary>Most bytes kept, events and images together.</summary>
    public long MaxBytes { get; set; } = 10L << 30;

    /// <summary>Bytes that the store leaves free on its volume.</summary>
    public long MinFreeDiskBytes { get; set; } = 1L << 30;

    /// <summary>What happens to a new event when the store is full of events that are not synced yet.</summary>
    public WhenFull WhenFull { get; set; } = WhenFull.Refuse;

    /// <summary>Address that the local API listens on.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>Port of the local API.</summary>
    public int Port { get; set; } = 8001;

    /// <summary>Key that producers must send as <c>X-API-Key</c>; null leaves the API open, which is allowed on loopback only.</summary>
    public string? ApiKey { get; set; }
}

/// <summary>What happens to a new event when the store is full of events that are not synced yet.</summary>
public enum WhenFull
{
    /// <summary>It is refused with 529 until events have synced.</summary>
    [JsonStringEnumMemberName("refuse")] Refuse,

    /// <summary>The oldest event makes room and is declared lost.</summary>
    [JsonStringEnumMemberName("dropOldest")] DropOldest,
}
