using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>The Event Store API v2 that producers on the device call (vision-events.md 14).</summary>
internal sealed partial class EventsApi(DeviceStore store, TimeProvider time, ILogger logger) : IDisposable
{
    private const int DefaultLimit = 5;
    private const int MaxLimit = 1000;
    private const int Status529 = 529;
    private const long LargeBody = 1024 * 1024;
    private const int LargeBodiesAtOnce = 4;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = EventLimits.JsonDepth, AllowDuplicateProperties = false };

    // Bodies with images are held in memory while they are read; more of them at once wait, so that producers can not exhaust the device.
    private readonly SemaphoreSlim _largeBodies = new(LargeBodiesAtOnce);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", (RequestDelegate)HealthAsync);
        routes.MapPost("/v2/events", (RequestDelegate)CreateAsync);
        routes.MapPost("/v2/events/{id}/finalize", (RequestDelegate)FinalizeAsync);
        routes.MapGet("/v2/events/latest/query", (RequestDelegate)LatestAsync);
        routes.MapFallback((RequestDelegate)(context =>
            Answer.DetailAsync(context, StatusCodes.Status404NotFound, $"there is no route {context.Request.Method} {context.Request.Path}")));
    }

    public void Dispose() => _largeBodies.Dispose();

    /// <summary>Stores one event: 201 once it is on disk.</summary>
    private async Task CreateAsync(HttpContext context)
    {
        // Until the event is on disk: what waits for the disk is in memory as well.
        var large = context.Request.ContentLength is null or > LargeBody;
        if (large)
        {
            await _largeBodies.WaitAsync(context.RequestAborted);
        }

        try
        {
            await StoreAsync(context);
        }
        finally
        {
            if (large)
            {
                _largeBodies.Release();
            }
        }
    }

    private async Task StoreAsync(HttpContext context)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        var (fault, arrival) = await ReadAsync(context, id);
        if (fault is not null)
        {
            await Answer.DetailAsync(context, fault.Status, fault.Detail);
            return;
        }

        try
        {
            // Not the request's token: a producer that goes away must not leave an event half accepted.
            if (await store.AcceptAsync(arrival!, CancellationToken.None) == AcceptResult.Full)
            {
                context.Response.Headers.RetryAfter = "5";
                await Answer.JsonAsync(context, Status529, static json =>
                {
                    json.WriteString("detail", "Device storage full. Waiting for cloud uploads to complete.");
                    json.WriteString("error", "capacity_blocked");
                });
                return;
            }
        }
        catch (Exception e) when (e is StoreFailedException or IOException or UnauthorizedAccessException)
        {
            Log.StoreFailed(logger, e);
            await Answer.DetailAsync(context, StatusCodes.Status503ServiceUnavailable, "The event could not be stored: " + e.Message);
            return;
        }

        await Answer.JsonAsync(context, StatusCodes.Status201Created, json => json.WriteString("id", id));
    }

    /// <summary>Closes a draft: from now on it is an event like others.</summary>
    private async Task FinalizeAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (await store.FinalizeAsync(id, CancellationToken.None))
        {
            await Answer.JsonAsync(context, StatusCodes.Status200OK, json => json.WriteString("id", id));
        }
        else
        {
            await Answer.DetailAsync(context, StatusCodes.Status404NotFound, $"there is no draft {id}");
        }
    }

    /// <summary>The latest events, newest first.</summary>
    private async Task LatestAsync(HttpContext context)
    {
        var text = context.Request.Query["limit"].ToString();
        var limit = DefaultLimit;
        if (text.Length > 0 && (!int.TryParse(text, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            await Answer.DetailAsync(context, StatusCodes.Status422UnprocessableEntity, $"limit must be a whole number from 1 to {MaxLimit}");
            return;
        }

        var events = store.Latest(limit);
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("events");
            foreach (var stored in events)
            {
                StoredEventJson.Write(json, stored);
            }

            json.WriteEndArray();
        });
    }

    /// <summary>Whether the store works. Needs no key.</summary>
    private Task HealthAsync(HttpContext context)
    {
        var stats = store.Stats();
        return Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteString("status", "ok");
            json.WriteString("version", AgentVersion.Current);
            json.WriteNumber("records", stats.Totals.Records);
            json.WriteNumber("pending_records", stats.Pending);
        });
    }

    private static async Task<(EventFault? Fault, NewEvent? Event)> ReadAsync(HttpContext context, string id)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, s_json, context.RequestAborted);
            var fault = EventParser.Parse(body.RootElement, id, out var arrival);
            return (fault, arrival);
        }
        catch (JsonException e)
        {
            return (new EventFault(StatusCodes.Status400BadRequest, "the body is not valid JSON: " + e.Message), null);
        }
        catch (BadHttpRequestException e)
        {
            return (new EventFault(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"the body is larger than {LocalApiServer.MaxBodyBytes} bytes"
                : e.Message), null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "An event could not be stored; its producer was told")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
