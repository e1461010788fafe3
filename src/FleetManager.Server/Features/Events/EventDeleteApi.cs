using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Events.Shapes;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Events;

/// <summary>The route that deletes events (vision-events.md 11). Not for devices: a key that lies on a device must not be able to remove what it proved.</summary>
internal static class EventDeleteApi
{
    public static void MapEventDelete(this IEndpointRouteBuilder app) =>
        app.MapPost("/vision-events/delete", DeleteAsync)
            .RequireApiKey(Scopes.VisionEventsWrite)
            .WithTags("Vision Events")
            .WithName("DeleteEvents")
            .WithSummary("Delete up to 1000 events for good")
            .Accepts<DeleteBody>("application/json", JsonBody.AnyType);

    /// <summary>200 <c>{"deleted","notFound"}</c>; 400 for a body that can not be read or has more than 1000 ids; 404 when there is no such use case.</summary>
    private static async Task<Results<Ok<DeleteAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> DeleteAsync(
        HttpRequest request,
        Caller caller,
        EventDeleteService events,
        IngestBudget budget,
        CancellationToken cancellationToken)
    {
        (string UseCaseId, List<string> EventIds)? asked;
        EventFault? fault;
        using (var body = await RequestBody.ReadAsync(request, EventLimits.EventBodyBytes, budget, cancellationToken))
        {
            asked = EventDeleteReader.Read(body.Bytes, out fault);
        }

        if (asked is not { } wanted)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault!.ToString()));
        }

        return await events.DeleteAsync(caller.WorkspaceId, wanted.UseCaseId, wanted.EventIds, caller.Actor, cancellationToken) is { } answer
            ? TypedResults.Ok(answer)
            : UnknownUseCase.Answer(wanted.UseCaseId);
    }
}
