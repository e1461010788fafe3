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

/// <summary>The route that reads events (vision-events.md 8).</summary>
internal static class EventQueryApi
{
    public static void MapEventQuery(this IEndpointRouteBuilder app) =>
        app.MapPost("/vision-events/query", QueryAsync)
            .RequireScope(Scopes.VisionEventsRead, Scopes.DeviceRead)
            .WithTags("Vision Events")
            .WithName("QueryEvents")
            .WithSummary("Find events of a use case, newest first")
            .Accepts<QueryBody>("application/json", JsonBody.AnyType)
            .Produces<EventPageBody>();

    /// <summary>200 with a page; 400 names the filter that can not be read; 404 when there is no such use case.</summary>
    private static async Task<Results<EventPageResult, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> QueryAsync(
        HttpRequest request,
        Caller caller,
        EventQueryService events,
        UseCaseDirectory useCases,
        HistoryWindow history,
        IngestBudget budget,
        CancellationToken cancellationToken)
    {
        EventQuery? query;
        EventFault? fault;
        using (var body = await RequestBody.ReadAsync(request, EventLimits.EventBodyBytes, budget, cancellationToken))
        {
            query = EventQueryReader.Read(body.Bytes, out fault);
        }

        if (query is null)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault!.ToString()));
        }

        if (await useCases.ResolveAsync(caller.WorkspaceId, query.UseCaseId, cancellationToken) is null)
        {
            return TypedResults.NotFound(new ErrorAnswer($"Use case '{query.UseCaseId}' does not exist in this workspace."));
        }

        var page = await events.QueryAsync(caller.WorkspaceId, query, cancellationToken);
        return new EventPageResult(page, await history.DaysAsync(caller.WorkspaceId, cancellationToken));
    }
}
