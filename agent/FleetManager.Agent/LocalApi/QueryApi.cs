using System.Globalization;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Reads events back.</summary>
internal sealed class QueryApi(DeviceStore store) : IDisposable
{
    private const int DefaultLimit = 5;
    private const int MaxLimit = 1000;
    private const int ScansAtOnce = 2;

    private static readonly string[] s_filters =
        ["event_schema", "solution", "device_id", "stream_id", "workflow_id", "external_id", "start_time", "end_time", "status"];

    /// <summary>Every parameter of a query.</summary>
    public static IReadOnlyList<string> Parameters { get; } = ["limit", "cursor", .. s_filters];

    private static readonly Dictionary<string, EventStatus> s_statuses = new(StringComparer.Ordinal)
    {
        ["pending"] = EventStatus.Pending,
        ["backed_up"] = EventStatus.BackedUp,
        ["parked"] = EventStatus.Parked,
    };

    // Whoever searches takes turns: searches use the processor that producers need.
    private readonly SemaphoreSlim _scans = new(ScansAtOnce);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/events/latest/query", (RequestDelegate)LatestAsync);
        routes.MapGet("/v2/events/count", (RequestDelegate)CountAsync);
        routes.MapGet("/v2/events/{id}", (RequestDelegate)GetAsync);
        routes.MapGet("/v2/images/{hash}", (RequestDelegate)ImageAsync);
    }

    public void Dispose() => _scans.Dispose();

    /// <summary>The latest events that pass the filters, newest first.</summary>
    private async Task LatestAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query, [.. Parameters]);
        var (limit, cursor, filter) = (query.Limit(DefaultLimit, MaxLimit), query.Cursor(long.MaxValue), Filter(query));
        if (query.Fault is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var page = await ScanAsync(context, () => store.Find(filter, cursor, limit, context.RequestAborted));
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("events");
            foreach (var found in page.Events)
            {
                StoredEventJson.Write(json, found);
            }

            json.WriteEndArray();
            json.WriteString("next_cursor", page.Next?.ToString(CultureInfo.InvariantCulture));
            json.WriteBoolean("has_more", page.Next is not null);
        });
    }

    /// <summary>How many events pass the filters.</summary>
    private async Task CountAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query, s_filters);
        var filter = Filter(query);
        if (query.Fault is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var count = await ScanAsync(context, () => store.Count(filter, context.RequestAborted));
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json => json.WriteNumber("count", count));
    }

    /// <summary>One event or draft.</summary>
    private async Task GetAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (store.Find(id) is { } found)
        {
            await Answer.ObjectAsync(context, json => StoredEventJson.Write(json, found));
        }
        else
        {
            await Answer.FaultAsync(context, EventFault.NotFound($"there is no event {id}"));
        }
    }

    /// <summary>The bytes of an image that an event names.</summary>
    private async Task ImageAsync(HttpContext context)
    {
        var hash = (string)context.Request.RouteValues["hash"]!;
        try
        {
            // Anything but a hash could be a path.
            if (ImageHash.Is(hash))
            {
                await using var file = File.OpenRead(store.ImagePath(hash));
                var head = new byte[ImageFormat.HeadLength];
                var read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, context.RequestAborted);
                file.Position = 0;
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.ContentType = ImageFormat.TypeOf(head.AsSpan(0, read));
                context.Response.ContentLength = file.Length;
                await file.CopyToAsync(context.Response.Body, context.RequestAborted);
                return;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }

        await Answer.FaultAsync(context, EventFault.NotFound($"there is no image {hash}"));
    }

    private static EventFilter Filter(QueryReader query)
    {
        var schema = query.Text("event_schema");
        if (schema is not null && !EventTypes.IsKnown(schema))
        {
            query.Fail($"event_schema must be one of {string.Join(", ", EventTypes.All)}");
        }

        var status = (EventStatus?)null;
        if (query.Text("status") is { } text)
        {
            if (s_statuses.TryGetValue(text, out var known))
            {
                status = known;
            }
            else
            {
                query.Fail($"status must be one of {string.Join(", ", s_statuses.Keys)}; drafts are at /v2/drafts");
            }
        }

        return new EventFilter(
            schema, query.Text("solution"), query.Text("device_id"), query.Text("stream_id"), query.Text("workflow_id"), query.Text("external_id"),
            query.Time("start_time"), query.Time("end_time"), status);
    }

    private async Task<T> ScanAsync<T>(HttpContext context, Func<T> scan)
    {
        await _scans.WaitAsync(context.RequestAborted);
        try
        {
            return scan();
        }
        finally
        {
            _scans.Release();
        }
    }
}
