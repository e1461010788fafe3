using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Settings;

/// <summary>Section <c>visionEventsBackup</c> (design 5.2): how the agent sends events to the server. Defaults are the product's.</summary>
public sealed record BackupSettings
{
    /// <summary>Whether events are sent at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>Use case of events that name none; id or name.</summary>
    public string? DefaultUseCaseId { get; set; }

    /// <summary>Which images go along.</summary>
    public BackupImages Images { get; set; } = BackupImages.Both;

    /// <summary>Events in a request.</summary>
    public int BatchSize { get; set; } = 100;

    /// <summary>Requests under way at once.</summary>
    public int Concurrency { get; set; } = 2;

    /// <summary>Cap on the bytes sent a second; 0 is none.</summary>
    public long MaxBytesPerSecond { get; set; }

    /// <summary>Whether requests are packed.</summary>
    public BackupCompression Compression { get; set; } = BackupCompression.Auto;

    /// <summary>Times at which the backup may run; empty is always.</summary>
    public IReadOnlyList<BackupWindow> Windows { get; set; } = [];

    /// <summary>Which events go first.</summary>
    public BackupOrder Order { get; set; } = BackupOrder.OldestFirst;

    /// <summary>Whether an event leaves the device as soon as the server holds it.</summary>
    public bool DeleteAfterBackup { get; set; }
}

/// <summary>A weekly time window, in the device's local time. One that ends before it starts runs past midnight.</summary>
/// <param name="Days">Days on which it starts, of <c>mon tue wed thu fri sat sun</c>; empty is every day.</param>
/// <param name="From">Start, <c>HH:mm</c>.</param>
/// <param name="To">End, <c>HH:mm</c>, not included; the same as the start is the whole day.</param>
public sealed record BackupWindow(IReadOnlyList<string> Days, string From, string To);

/// <summary>Which images of an event are sent.</summary>
public enum BackupImages
{
    /// <summary>Output and input image.</summary>
    [JsonStringEnumMemberName("both")] Both,

    /// <summary>The image to show.</summary>
    [JsonStringEnumMemberName("output")] Output,

    /// <summary>The original that the predictions were made on.</summary>
    [JsonStringEnumMemberName("input")] Input,

    /// <summary>None; they stay on the device.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>Whether the bodies of requests are packed (gzip).</summary>
public enum BackupCompression
{
    /// <summary>When the link is slower than about 100 Mbit/s.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>Always, such as where bytes are paid for.</summary>
    [JsonStringEnumMemberName("always")] Always,

    /// <summary>Never.</summary>
    [JsonStringEnumMemberName("never")] Never,
}

/// <summary>Which events are sent first.</summary>
public enum BackupOrder
{
    /// <summary>In the order in which they were stored.</summary>
    [JsonStringEnumMemberName("oldestFirst")] OldestFirst,

    /// <summary>The latest first, the backlog behind it.</summary>
    [JsonStringEnumMemberName("newestFirst")] NewestFirst,
}
