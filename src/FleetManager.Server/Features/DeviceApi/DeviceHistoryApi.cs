using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.Mvc;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>What devices logged, how they were, and what happened to them.</summary>
internal static class DeviceHistoryApi
{
    private const int MaxRows = 1000;
    private const int DefaultRows = 100;

    public static void MapDeviceHistory(this RouteGroupBuilder group)
    {
        group.MapGet("{deviceId}/logs", LogsAsync)
            .NeedsScope(Scopes.DeviceRead)
            .RequireRateLimiting(DeviceLimits.LogReads)
            .WithName("ListDeviceLogs")
            .WithSummary("Lines of the device's log, the newest first; 5 requests a minute and address")
            .Produces<PageDto<LogLineDto>>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status429TooManyRequests);
        group.MapGet("{deviceId}/telemetry", TelemetryAsync)
            .NeedsScope(Scopes.DeviceRead)
            .RequireRateLimiting(DeviceLimits.TelemetryReads)
            .WithName("GetDeviceTelemetry")
            .WithSummary("How the device was, in buckets; 10 requests in 10 seconds and device")
            .Produces<TelemetryDto>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status429TooManyRequests);
        group.MapGet("{deviceId}/events", EventsAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("ListDeviceEvents")
            .WithSummary("What happened to the device: it came, went, took its settings, its store was full")
            .Produces<EventPageDto>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
    }

    /// <summary>200 with a page; 400 names the parameter that can not be read; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> LogsAsync(
        string deviceId,
        [AsParameters] LogParameters parameters,
        Caller caller,
        DeviceDirectory devices,
        DeviceLogService logs,
        CancellationToken cancellationToken)
    {
        var query = parameters.Read();
        return await devices.KeyOfAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } key
            ? TypedResults.Json(
                PageDto<LogLineDto>.Of(
                    await logs.QueryAsync(key, query, cancellationToken),
                    query.Limit,
                    l => new LogLineDto(l.At, l.Service, l.Severity, l.Message),
                    l => new RowCursor(l.At, l.Key)),
                DeviceApiJson.Default.PageDtoLogLineDto)
            : DevicesApi.NotFound(deviceId);
    }

    /// <summary>200 with every bucket of the period; 400 names the parameter that can not be read; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> TelemetryAsync(
        string deviceId,
        [AsParameters] TelemetryParameters parameters,
        Caller caller,
        DeviceDirectory devices,
        TelemetryService telemetry,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var period = parameters.Read();
        if (await devices.FindAsync(caller.WorkspaceId, deviceId, cancellationToken) is not { } device
            || await devices.KeyOfAsync(caller.WorkspaceId, deviceId, cancellationToken) is not { } key)
        {
            return DevicesApi.NotFound(deviceId);
        }

        var now = time.GetUtcNow();
        return TypedResults.Json(
            TelemetryDto.Of(period, await telemetry.BucketsAsync(key, period, now, cancellationToken), device, now), DeviceApiJson.Default.TelemetryDto);
    }

    /// <summary>200 with a page; 400 names the parameter that can not be read; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> EventsAsync(
        string deviceId,
        [AsParameters] EventParameters parameters,
        Caller caller,
        DeviceDirectory devices,
        DeviceEventService events,
        CancellationToken cancellationToken)
    {
        var query = parameters.Read();
        return await devices.KeyOfAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } key
            ? TypedResults.Json(EventPageDto.Of(await events.QueryAsync(key, query, cancellationToken), query.Limit), DeviceApiJson.Default.EventPageDto)
            : DevicesApi.NotFound(deviceId);
    }

    /// <param name="StartTime">ISO time: lines from then on.</param>
    /// <param name="EndTime">ISO time: lines until then.</param>
    /// <param name="Service">Parts of the device, joined by commas.</param>
    /// <param name="Severity">DEBUG, INFO, WARN, ERROR or CRITICAL, joined by commas.</param>
    /// <param name="Limit">Most lines of a page, 1 to 1000, 100 when absent.</param>
    /// <param name="Cursor">ISO time: <c>next_cursor</c> of the page before.</param>
    internal sealed record LogParameters(
        [FromQuery(Name = "start_time")] string? StartTime,
        [FromQuery(Name = "end_time")] string? EndTime,
        string? Service,
        string? Severity,
        string? Limit,
        string? Cursor)
    {
        public LogQuery Read() => new(
            QueryValue.Time("start_time", StartTime),
            QueryValue.Time("end_time", EndTime),
            QueryValue.List("service", Service),
            [.. QueryValue.List("severity", Severity).Select(SeverityOf).Distinct()],
            QueryValue.Cursor(Cursor),
            QueryValue.Limit(Limit, MaxRows, DefaultRows));

        private static string SeverityOf(string text) =>
            LogSeverities.Normalize(text) ?? throw QueryValue.Bad($"severity must list some of {string.Join(", ", LogSeverities.All)}.");
    }

    /// <param name="TimePeriod"><c>1h</c>, <c>24h</c>, <c>7d</c> or <c>14d</c>; 24h when absent.</param>
    /// <param name="Include">Members of the answer, joined by commas; all of them are always there.</param>
    internal sealed record TelemetryParameters([FromQuery(Name = "time_period")] string? TimePeriod, string? Include)
    {
        private const string Default = "24h";

        public TelemetryPeriod Read()
        {
            if (QueryValue.List("include", Include).Except(TelemetryDto.Parts).Any())
            {
                throw QueryValue.Bad($"include must list some of {string.Join(", ", TelemetryDto.Parts)}.");
            }

            var name = string.IsNullOrEmpty(TimePeriod) ? Default : TimePeriod;
            return TelemetryPeriod.All.FirstOrDefault(p => p.Name == name)
                ?? throw QueryValue.Bad($"time_period must be one of {string.Join(", ", TelemetryPeriod.All.Select(p => p.Name))}.");
        }
    }

    /// <param name="EntityType">What of the device: <c>device</c>, <c>presence</c>, <c>agent</c>, <c>settings</c> or <c>event_store</c>.</param>
    /// <param name="EntityId">Which one; here always the device's id.</param>
    /// <param name="Event">Name of the event, such as <c>online</c>.</param>
    /// <param name="StartTime">ISO time: events from then on, by the server's clock.</param>
    /// <param name="EndTime">ISO time: events until then.</param>
    /// <param name="Limit">Most events of a page, 1 to 1000, 100 when absent.</param>
    /// <param name="Cursor"><c>next_cursor</c> or <c>prev_cursor</c> of another page.</param>
    /// <param name="Direction"><c>backward</c>, the newest first, or <c>forward</c>.</param>
    /// <param name="Dedupe">False shows also what only repeats the entity's event before; it needs both entity filters.</param>
    internal sealed record EventParameters(
        [FromQuery(Name = "entity_type")] string? EntityType,
        [FromQuery(Name = "entity_id")] string? EntityId,
        string? Event,
        [FromQuery(Name = "start_time")] string? StartTime,
        [FromQuery(Name = "end_time")] string? EndTime,
        string? Limit,
        string? Cursor,
        string? Direction,
        string? Dedupe)
    {
        public DeviceEventQuery Read()
        {
            var query = new DeviceEventQuery(
                QueryValue.Text("entity_type", EntityType),
                QueryValue.Text("entity_id", EntityId),
                QueryValue.Text("event", Event),
                QueryValue.Time("start_time", StartTime),
                QueryValue.Time("end_time", EndTime),
                QueryValue.Either("dedupe", Dedupe, "true", "false"),
                !QueryValue.Either("direction", Direction, "backward", "forward"),
                CursorOf(Cursor),
                QueryValue.Limit(Limit, MaxRows, DefaultRows));
            return query.Dedupe || (query.EntityType is not null && query.EntityId is not null)
                ? query
                : throw QueryValue.Bad("dedupe=false needs both entity_type and entity_id.");
        }

        private static DeviceEventCursor? CursorOf(string? text) =>
            string.IsNullOrEmpty(text) ? null
            : DeviceEventCursor.TryParse(text, out var cursor) ? cursor
            : throw QueryValue.Bad("cursor must be the next_cursor or prev_cursor of another page.");
    }
}
