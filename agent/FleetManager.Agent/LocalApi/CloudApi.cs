using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// The write routes of the cloud's API (vision-events.md 4 to 6), so that an application can point at either place. Its errors are the cloud's as
/// well: <c>{"error":"…"}</c>, and 400 for what is wrong with an event.
/// </summary>
internal sealed class CloudApi(Intake intake, BodyReader bodies, TimeProvider time)
{
    private const string Root = "/vision-events";

    /// <summary>Whether a path is one of the cloud's.</summary>
    public static bool Owns(PathString path) => path.StartsWithSegments(Root);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, (RequestDelegate)CreateAsync);
        routes.MapPost(Root + "/batch", (RequestDelegate)BatchAsync);
        routes.MapPost(Root + "/upload", (RequestDelegate)UploadAsync);
    }

    /// <summary>Stores one event; a repeated <c>eventId</c> overwrites.</summary>
    private Task CreateAsync(HttpContext context) => bodies.ReadJsonAsync(context, EventLimits.EventBodyBytes, async body =>
    {
        if (EventParser.ParseCloud(body, "", time.GetUtcNow(), out var arrival) is { } fault)
        {
            await Answer.FaultAsync(context, fault);
        }
        else if (await intake.TryAcceptAsync(context, [arrival!]))
        {
            await Answer.JsonAsync(context, StatusCodes.Status201Created, json =>
            {
                json.WriteString("eventId", arrival!.Event.Id);
                json.WriteBoolean("created", true);
            });
        }
    });

    /// <summary>Stores up to 100 events: all of them, or none.</summary>
    private Task BatchAsync(HttpContext context) => bodies.ReadJsonAsync(context, EventLimits.BatchBodyBytes, async body =>
    {
        if (ParseBatch(body, out var arrivals) is { } fault)
        {
            await Answer.FaultAsync(context, fault);
        }
        else if (await intake.TryAcceptAsync(context, arrivals))
        {
            await Answer.JsonAsync(context, StatusCodes.Status201Created, json =>
            {
                json.WriteNumber("created", arrivals.Count);
                IdList.Write(json, "eventIds", arrivals.Select(a => a.Event.Id));
            });
        }
    });

    /// <summary>Stores an image for events that will name it; the id is the same that the server will give it.</summary>
    private Task UploadAsync(HttpContext context) => bodies.ReadAsync(context, ImageUpload.MostBytes, token => ImageUpload.ReadAsync(context.Request, token), async upload =>
    {
        if (upload.Fault is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var image = NewImage.Of(upload.Content!);
        if (await intake.TryUploadAsync(context, image))
        {
            await Answer.JsonAsync(context, StatusCodes.Status201Created, json =>
            {
                json.WriteBoolean("success", true);
                json.WriteString("sourceId", image.Hash);
                json.WriteString("url", $"{context.Request.Scheme}://{context.Request.Host}/v2/images/{image.Hash}");
                if (upload.Ignored.Count > 0)
                {
                    IdList.Write(json, "warnings", upload.Ignored.Select(part => $"{part} is not kept on the device: put it into images[].metadata of the event"));
                }
            });
        }
    });

    private EventFault? ParseBatch(JsonElement body, out List<CloudArrival> arrivals)
    {
        arrivals = [];
        var members = new EventMembers(body, "");
        if (members.Fault is { } wrong)
        {
            return wrong;
        }

        if (!members.TryGet("events", out var events) || events.ValueKind != JsonValueKind.Array || events.GetArrayLength() > EventLimits.BatchSize)
        {
            return EventFault.Invalid("events", $"must be an array of at most {EventLimits.BatchSize} events");
        }

        foreach (var item in events.EnumerateArray())
        {
            if (EventParser.ParseCloud(item, JsonRules.At("events", arrivals.Count), time.GetUtcNow(), out var arrival) is { } fault)
            {
                return fault;
            }

            arrivals.Add(arrival!);
        }

        return null;
    }
}
