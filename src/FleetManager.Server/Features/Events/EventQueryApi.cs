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

/// <summary>Routes that read events (vision-events.md 8, 10).</summary>
internal static class EventQueryApi
{
    public static void MapEventQuery(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/vision-events").RequireScope(Scopes.VisionEventsRead, Scopes.DeviceRead).WithTags("Vision Events");
        group.MapPost("/query", QueryAsync)
            .WithName("QueryEvents")
            .WithSummary("Find events of a use case, newest first")
            .Accepts<QueryBody>("application/json", JsonBody.AnyType)
            .Produces<EventPageBody>();
        group.MapPost("/count", CountAsync)
            .WithName("CountEvents")
            .WithSummary("Count the events that a query finds")
            .Accepts<QueryBody>("application/json", JsonBody.AnyType);
    }

    /// <summary>
    /// 200 with a page; 400 names the filter that can not be read; 404 when there is no such use case; 503 when the search takes longer than
    /// <c>Fleet:Database:SearchSeconds</c>.
    /// </summary>
    private static async Task<Results<EventPageResult, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> QueryAsync(
        HttpRequest request,
        Caller caller,
        EventQueryService events,
        UseCaseDirectory useCases,
        HistoryWindow history,
        IngestBudget budget,
        CancellationToken cancellationToken)
    {
        var (query, fault) = await ReadAsync(request, budget, cancellationToken);
        if (query is null)
        {
            return TypedResults.BadRequest(fault);
        }

        if (await useCases.ResolveAsync(caller.WorkspaceId, query.UseCaseId, cancellationToken) is null)
        {
            return UnknownUseCase.Answer(query.UseCaseId);
        }

        var page = await events.QueryAsync(caller.WorkspaceId, query, cancellationToken);
        return new EventPageResult(page, await history.DaysAsync(caller.WorkspaceId, cancellationToken));
    }

    /// <summary>200 <c>{"count","lookbackDays"}</c>, exact; takes the body of a query, whose <c>limit</c> and <c>cursor</c> do not count. Refuses as a query does.</summary>
    private static async Task<Results<Ok<CountAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> CountAsync(
        HttpRequest request,
        Caller caller,
        EventQueryService events,
        UseCaseDirectory useCases,
        HistoryWindow history,
        IngestBudget budget,
        CancellationToken cancellationToken)
    {
        var (query, fault) = await ReadAsync(request, budget, cancellationToken);
        if (query is null)
        {
            return TypedResults.BadRequest(fault);
        }

        if (await useCases.ResolveAsync(caller.WorkspaceId, query.UseCaseId, cancellationToken) is null)
        {
            return UnknownUseCase.Answer(query.UseCaseId);
        }

        var count = await events.CountAsync(caller.WorkspaceId, query, cancellationToken);
        return TypedResults.Ok(new CountAnswer(count, await history.DaysAsync(caller.WorkspaceId, cancellationToken)));
    }

    private static async Task<(EventQuery? Query, ErrorAnswer? Fault)> ReadAsync(HttpRequest request, IngestBudget budget, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(request, EventLimits.EventBodyBytes, budget, cancellationToken);
        var query = EventQueryReader.Read(body.Bytes, out var fault);
        return (query, fault is null ? null : new ErrorAnswer(fault.ToString()));
    }
}

/// <param name="Count">How many events match.</param>
/// <param name="LookbackDays">How far back events can be seen.</param>
internal sealed record CountAnswer(long Count, int LookbackDays);
