using System.Globalization;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.DeviceHistory;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>A line of a device's log.</summary>
/// <param name="Timestamp">By the device's clock.</param>
/// <param name="Service">The part of the device that wrote it.</param>
/// <param name="Severity">DEBUG, INFO, WARN, ERROR or CRITICAL.</param>
/// <param name="Message">The text.</param>
internal sealed record LogLineDto(DateTimeOffset Timestamp, string Service, string Severity, string Message);

/// <summary>How a device was over a period.</summary>
/// <param name="TimePeriod">The period that was asked for.</param>
/// <param name="BucketInterval">Length of a bucket, such as <c>30 MINUTE</c>.</param>
/// <param name="FillIntervalSeconds">The same in seconds: there is a bucket for each, also where nothing was heard.</param>
/// <param name="Buckets">The oldest first; the last one is running.</param>
/// <param name="StreamFps">Always empty: the agent runs no streams.</param>
/// <param name="SystemStatus">The device now.</param>
/// <param name="Services">Always empty: the agent is one program.</param>
/// <param name="Hardware">What it is made of; null until it was heard.</param>
/// <param name="NetworkInterfaces">Always empty: the agent reports all interfaces together.</param>
/// <param name="Metadata">What the answer is about.</param>
internal sealed record TelemetryDto(
    string TimePeriod,
    string BucketInterval,
    int FillIntervalSeconds,
    IReadOnlyList<TelemetryBucket> Buckets,
    IReadOnlyList<string> StreamFps,
    SystemStatusDto SystemStatus,
    IReadOnlyList<string> Services,
    HardwareDto? Hardware,
    IReadOnlyList<string> NetworkInterfaces,
    TelemetryMetadataDto Metadata)
{
    public static IReadOnlyList<string> Parts { get; } = ["buckets", "stream_fps", "system_status", "services", "hardware", "network_interfaces", "metadata"];

    public static TelemetryDto Of(TelemetryPeriod period, IReadOnlyList<TelemetryBucket> buckets, DeviceDto device, DateTimeOffset now) => new(
        period.Name,
        period.StepName,
        (int)period.Step.TotalSeconds,
        buckets,
        [],
        new SystemStatusDto(device.Status, device.LastHeartbeat),
        [],
        device.Hardware,
        [],
        new TelemetryMetadataDto(device.Id, buckets[0].Timestamp, now, buckets.Sum(b => b.Samples)));
}

/// <param name="Status"><c>online</c>, <c>offline</c> or <c>unknown</c>.</param>
/// <param name="LastHeartbeat">When the device was last heard.</param>
internal sealed record SystemStatusDto(string Status, DateTimeOffset? LastHeartbeat);

/// <param name="DeviceId">The device.</param>
/// <param name="StartTime">Start of the first bucket.</param>
/// <param name="EndTime">Now.</param>
/// <param name="Samples">Samples in all buckets.</param>
internal sealed record TelemetryMetadataDto(string DeviceId, DateTimeOffset StartTime, DateTimeOffset EndTime, int Samples);

/// <summary>A page of device events.</summary>
/// <param name="Data">The events, in the order that was asked for.</param>
/// <param name="Pagination">How to go on, and back.</param>
internal sealed record EventPageDto(IReadOnlyList<DeviceEventDto> Data, EventPaginationDto Pagination)
{
    public static EventPageDto Of(DeviceEventPage page, int limit) => new(
        [.. page.Rows.Select(DeviceEventDto.Of)],
        new EventPaginationDto(page.Next?.ToString(), page.Previous?.ToString(), page.Next is not null, limit));
}

/// <param name="NextCursor">Opaque; null on the last page.</param>
/// <param name="PrevCursor">Opaque; null on the first page.</param>
/// <param name="HasMore">Whether there is a next page.</param>
/// <param name="Limit">Most events of a page.</param>
internal sealed record EventPaginationDto(string? NextCursor, string? PrevCursor, bool HasMore, int Limit);

/// <summary>Something that happened to a device. Times are <c>YYYY-MM-DD HH:MM:SS.SSS</c>, UTC, as the reference writes them here.</summary>
/// <param name="Event">Its name.</param>
/// <param name="EntityType">What of the device it is about.</param>
/// <param name="EntityId">Which one.</param>
/// <param name="EventDescription">One sentence for people.</param>
/// <param name="DeviceTimestamp">By the device's clock; null when the device did not say it.</param>
/// <param name="ServerTimestamp">By the server's clock.</param>
/// <param name="EventEndTimestamp">Always <c>1970-01-01 00:00:00.000</c>, the reference's word for no end: events here are moments.</param>
internal sealed record DeviceEventDto(
    string Event,
    string EntityType,
    string EntityId,
    string EventDescription,
    string? DeviceTimestamp,
    string ServerTimestamp,
    string EventEndTimestamp)
{
    private static readonly string s_noEnd = Text(DateTimeOffset.UnixEpoch);

    public static DeviceEventDto Of(DeviceEvent row) => new(
        row.Event,
        row.EntityType,
        row.EntityId,
        row.Description,
        row.DeviceAt is { } at ? Text(at) : null,
        Text(row.At),
        s_noEnd);

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
