using System.ComponentModel;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.AirGap;
using FleetManager.Server.Features.Events.Bundles;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Events.Shapes;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Events;

/// <summary>Routes that write events (vision-events.md 3 to 5). Success is 201 and nothing else, also for a repeat.</summary>
internal static class EventsApi
{
    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/vision-events").RequireScope(Scopes.VisionEventsWrite, Scopes.DeviceUpdate).WithTags("Vision Events");
        group.MapPost("", CreateAsync)
            .WithName("CreateEvent")
            .WithSummary("Create an event")
            .Accepts<EventBody>("application/json", JsonBody.AnyType);
        group.MapPost("/batch", CreateBatchAsync)
            .WithName("CreateEvents")
            .WithSummary("Create up to 100 events")
            .Produces<CreatedBatchBody>(StatusCodes.Status201Created)
            .Accepts<BatchBody>("application/json", JsonBody.AnyType);
        app.MapEventQuery();
        app.MapMetadataSchemas();
        app.MapEventDelete();
        app.MapBundle();
        app.MapImports();
        app.MapCounts();
    }

    /// <summary>201 <c>{"eventId","created":true}</c>; a repeated id overwrites. 400 names the fault; 409 when another device owns the id.</summary>
    private static async Task<Results<Created<CreatedAnswer>, BadRequest<ErrorAnswer>, Conflict<ErrorAnswer>>> CreateAsync(
        HttpRequest request,
        Caller caller,
        IngestService ingest,
        IngestBudget budget,
        CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(request, EventLimits.EventBodyBytes, budget, cancellationToken);
        var item = BodyReader.ReadEvent(body.Bytes, ingest.ReaderFor(caller), out var broken);
        if (broken is not null)
        {
            return TypedResults.BadRequest(new ErrorAnswer(broken.ToString()));
        }

        var answer = await ingest.IngestAllAsync(caller, [item], cancellationToken);
        return answer.Fault switch
        {
            null => TypedResults.Created((string?)null, new CreatedAnswer(answer.EventIds[0], true)),
            { Code: EventFaultCodes.EventIdTaken } taken => TypedResults.Conflict(new ErrorAnswer(taken.ToString())),
            var fault => TypedResults.BadRequest(new ErrorAnswer(fault.ToString())),
        };
    }

    /// <summary>
    /// 201 <c>{"created","eventIds"}</c>, all or nothing: 400 names the index and the path of the first fault. With <c>?partial=true</c> every event
    /// counts for itself: 201 with one result per item.
    /// </summary>
    private static async Task<Results<Created<BatchAnswer>, Created<PartialBatchAnswer>, BadRequest<ErrorAnswer>, Conflict<ErrorAnswer>>> CreateBatchAsync(
        HttpRequest request,
        Caller caller,
        IngestService ingest,
        IngestBudget budget,
        CancellationToken cancellationToken,
        [Description("True for one result per event, instead of all or nothing.")] bool partial = false)
    {
        using var body = await RequestBody.ReadAsync(request, EventLimits.BatchBodyBytes, budget, cancellationToken);
        var items = BodyReader.ReadBatch(body.Bytes, ingest.ReaderFor(caller), out var broken);
        if (broken is not null)
        {
            return TypedResults.BadRequest(new ErrorAnswer(broken.ToString()));
        }

        if (partial)
        {
            return TypedResults.Created((string?)null, await ingest.IngestPartialAsync(caller, items, cancellationToken));
        }

        var answer = await ingest.IngestAllAsync(caller, items, cancellationToken);
        return answer.Fault?.InBatch(answer.Index) switch
        {
            null => TypedResults.Created((string?)null, new BatchAnswer(answer.EventIds.Count, answer.EventIds)),
            { Code: EventFaultCodes.EventIdTaken } taken => TypedResults.Conflict(new ErrorAnswer(taken.ToString())),
            var fault => TypedResults.BadRequest(new ErrorAnswer(fault.ToString())),
        };
    }
}

/// <param name="EventId">The sender's id, or the one that it was given.</param>
/// <param name="Created">Always true.</param>
internal sealed record CreatedAnswer(string EventId, bool Created);

/// <param name="Created">How many events the server now holds of this request.</param>
/// <param name="EventIds">Their ids, in the order of the request.</param>
internal sealed record BatchAnswer(int Created, IReadOnlyList<string> EventIds);
