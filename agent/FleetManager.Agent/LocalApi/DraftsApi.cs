using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Events that are kept open (<c>"draft":true</c>): they get images later, are not sent, and no clean-up deletes them.</summary>
internal sealed class DraftsApi(DeviceStore store, BodyReader bodies)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/drafts", (RequestDelegate)ListAsync);
        routes.MapPost("/v2/events/{id}/images", (RequestDelegate)AttachAsync);
        routes.MapPost("/v2/events/{id}/finalize", (RequestDelegate)FinalizeAsync);
    }

    /// <summary>The drafts, oldest first.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query, "limit", "cursor");
        var (limit, cursor) = (query.Limit(DefaultLimit, MaxLimit), query.Text("cursor"));
        var (time, id) = (0L, "");
        if (cursor is not null && (cursor.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot) || !long.TryParse(cursor[..dot], CultureInfo.InvariantCulture, out time) || (id = cursor[(dot + 1)..]).Length == 0))
        {
            query.Fail("cursor must be the next_cursor of an earlier answer");
        }

        if (query.Fault is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var drafts = store.Drafts(time, id, limit);
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("drafts");
            foreach (var draft in drafts)
            {
                StoredEventJson.Write(json, new FoundEvent(draft, EventStatus.Draft));
            }

            json.WriteEndArray();
            var last = drafts.Count == limit ? drafts[^1] : null;
            json.WriteString("next_cursor", last is null ? null : string.Create(CultureInfo.InvariantCulture, $"{last.ReceivedAt.ToUnixTimeMilliseconds()}.{last.Event.Id}"));
        });
    }

    /// <summary>Adds images to a draft.</summary>
    private Task AttachAsync(HttpContext context) => bodies.ReadJsonAsync(context, BodyReader.MostBytes, async body =>
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var members = new EventMembers(body, "");
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        var parser = new ImageParser(writer, EventDialect.Device);
        var fault = members.Fault ?? (members.TryGet("images", out var images) ? parser.Parse(images) : EventFault.Invalid("images", "must be an array of the images to attach"));
        if (fault is not null)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        await writer.FlushAsync();
        switch (await store.AttachAsync(id, buffer.WrittenSpan.ToArray(), parser.Pictures, CancellationToken.None))
        {
            case AttachResult.Attached:
                await Answer.IdAsync(context, StatusCodes.Status200OK, id);
                break;
            case AttachResult.Full:
                await Answer.FullAsync(context);
                break;
            case AttachResult.TooMany:
                await Answer.FaultAsync(context, EventFault.Invalid("images", $"are too many: an event may have {EventLimits.Images}, with those that it has"));
                break;
            case AttachResult.Finalized:
                await Answer.FaultAsync(context, StatusCodes.Status409Conflict, $"event {id} is finalized: only drafts take more images");
                break;
            default:
                await Answer.FaultAsync(context, EventFault.NotFound($"there is no draft {id}"));
                break;
        }
    });

    /// <summary>Closes a draft: from now on it is an event like others. Again is harmless.</summary>
    private async Task FinalizeAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (await store.FinalizeAsync(id, CancellationToken.None))
        {
            await Answer.IdAsync(context, StatusCodes.Status200OK, id);
        }
        else
        {
            await Answer.FaultAsync(context, EventFault.NotFound($"there is no draft {id}"));
        }
    }
}
