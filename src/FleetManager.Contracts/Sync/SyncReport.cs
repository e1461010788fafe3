using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Sync;

/// <summary>
/// Body of <c>up/sync</c> (design 5.3): cumulative, so any one report rebuilds the view. Names are those of the reference's stats
/// block where it has them (vision-events.md 14.5). What the agent does not know is null, never zero.
/// </summary>
public sealed record SyncReport
{
    /// <summary>Identity of the store; a new one starts when a store is made anew.</summary>
    public required Guid Epoch { get; init; }

    /// <summary>Lowest number still in the store, or one past the last when it is empty.</summary>
    public long FirstSeq { get; init; }

    /// <summary>Highest number given out; 0 when none was.</summary>
    public long LastSeq { get; init; }

    /// <summary>Every number up to this one is held by the server or declared lost.</summary>
    public long AckedThrough { get; init; }

    /// <summary>What the backup is doing.</summary>
    public SyncPhase Phase { get; init; }

    /// <summary>Events in the store.</summary>
    [JsonPropertyName("records")] public long Records { get; init; }

    /// <summary>Cap on them.</summary>
    [JsonPropertyName("records_limit")] public long RecordsLimit { get; init; }

    /// <summary>Events that wait for the backup; parked ones are not among them.</summary>
    [JsonPropertyName("pending_records")] public long PendingRecords { get; init; }

    /// <summary>Events of this store that the server has stored, ever.</summary>
    [JsonPropertyName("backed_up_records")] public long BackedUpRecords { get; init; }

    /// <summary>Events that the server refused for good, kept for a person to look at.</summary>
    [JsonPropertyName("parked_records")] public long ParkedRecords { get; init; }

    /// <summary>The most frequent reasons for parking, at most five.</summary>
    [JsonPropertyName("parked_reasons")] public IReadOnlyList<ParkedReason> ParkedReasons { get; set; } = [];

    /// <summary>Events removed before the server held them, ever.</summary>
    [JsonPropertyName("declared_lost_records")] public long DeclaredLostRecords { get; init; }

    /// <summary>Events kept open for attachments; not uploaded until they are finalized.</summary>
    [JsonPropertyName("draft_records")] public long DraftRecords { get; init; }

    /// <summary>Image files in the store.</summary>
    [JsonPropertyName("images")] public long Images { get; init; }

    /// <summary>Bytes of events and images in the store.</summary>
    [JsonPropertyName("bytes_used")] public long BytesUsed { get; init; }

    /// <summary>Cap on them.</summary>
    [JsonPropertyName("bytes_limit")] public long BytesLimit { get; init; }

    /// <summary>Bytes that still have to go up: the pending events, and each image that the server has not got once.</summary>
    [JsonPropertyName("pending_bytes")] public long PendingBytes { get; init; }

    /// <summary>How full the volume is, 0–100.</summary>
    [JsonPropertyName("disk_percent_used")] public double? DiskPercentUsed { get; init; }

    /// <summary>Age of the oldest pending event, seconds.</summary>
    [JsonPropertyName("oldest_pending_age_s")] public double? OldestPendingAgeSeconds { get; init; }

    /// <summary>Events taken in a second, lately.</summary>
    [JsonPropertyName("in_per_s")] public double InPerSecond { get; init; }

    /// <summary>Events backed up a second, lately.</summary>
    [JsonPropertyName("out_per_s")] public double OutPerSecond { get; init; }

    /// <summary>Seconds until nothing is pending at these rates; null when the backlog does not shrink.</summary>
    [JsonPropertyName("eta_s")] public double? EtaSeconds { get; init; }

    /// <summary>Hours until the store is full at these rates; null when it does not grow.</summary>
    [JsonPropertyName("hours_until_full")] public double? HoursUntilFull { get; init; }

    /// <summary>Whether new events are refused for want of room; null until known.</summary>
    [JsonPropertyName("capacity_blocked")] public bool? CapacityBlocked { get; init; }

    /// <summary>When a request last succeeded, by the device's clock.</summary>
    [JsonPropertyName("last_success_at")] public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>The last failure; kept after it is over.</summary>
    [JsonPropertyName("last_error")] public SyncError? LastError { get; init; }

    /// <summary>What has to be added to the device's clock to get the server's, seconds; null until the server has answered.</summary>
    [JsonPropertyName("clock_offset_s")] public double? ClockOffsetSeconds { get; init; }

    /// <summary>When what the server holds was last compared with what the device takes it to hold, by the device's clock; null before the first time.</summary>
    [JsonPropertyName("last_reconciled_at")] public DateTimeOffset? LastReconciledAt { get; init; }

    /// <summary>Seconds until the next try; null when none is timed.</summary>
    [JsonPropertyName("next_retry_in_s")] public double? NextRetryInSeconds { get; init; }
}

/// <summary>How many events are parked for one reason.</summary>
/// <param name="Code">For programs, such as <c>use_case_unknown</c>.</param>
/// <param name="Message">The server's words for the latest of them.</param>
/// <param name="Count">Events.</param>
public sealed record ParkedReason(string Code, string Message, long Count);

/// <summary>A failed request.</summary>
/// <param name="Code">For programs: <c>http_503</c>, <c>unreachable</c>, <c>unauthorized</c>, …</param>
/// <param name="Message">For people.</param>
/// <param name="At">When, by the device's clock.</param>
public sealed record SyncError(string Code, string Message, DateTimeOffset At);
