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

/// <summary>Routes that read events (vision-events.md 8). Not for devices: what others saw is none of their business (decision 65).</summary>
internal static class EventQueryApi
{
    public static void MapEventQuery(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/vision-events").RequireApiKey(Scopes.VisionEventsRead, Scopes.DeviceRead).WithTags("Vision Events");
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
    private static Task<Results<EventPageResult, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> QueryAsync(
        HttpRequest request,
        Caller caller,
        EventQueryService events,
        UseCaseDirectory useCases,
        HistoryWindow history,
        IngestBudget budget,
        CancellationToken cancellationToken) =>
        AnswerAsync(
            request,
            caller,
            useCases,
            budget,
            async query => new EventPageResult(
                await events.QueryAsync(caller.WorkspaceId, query, cancellationToken), await history.DaysAsync(caller.WorkspaceId, cancellationToken)),
            cancellationToken);

    /// <summary>200 <c>{"count","lookbackDays"}</c>, exact; takes the body of a query, whose <c>limit</c> and <c>cursor</c> do not count. Refuses as a query does.</summary>
    private static Task<Results<Ok<CountAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> CountAsync(
        HttpRequest request,
        Caller caller,
        EventQueryService events,
        UseCaseDirectory useCases,
        HistoryWindow history,
        IngestBudget budget,
        CancellationToken cancellationToken) =>
        AnswerAsync(
            request,
            caller,
            useCases,
            budget,
            async query => TypedResults.Ok(new CountAnswer(
                await events.CountAsync(caller.WorkspaceId, query, cancellationToken), await history.DaysAsync(caller.WorkspaceId, cancellationToken))),
            cancellationToken);

    private static async Task<Results<T, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> AnswerAsync<T>(
        HttpRequest request,
        Caller caller,
        UseCaseDirectory useCases,
        IngestBudget budget,
        Func<EventQuery, Task<T>> answerAsync,
        CancellationToken cancellationToken)
        where T : IResult
    {
        EventQuery? query;
        using (var body = await RequestBody.ReadAsync(request, EventLimits.EventBodyBytes, budget, cancellationToken))
        {
            query = EventQueryReader.Read(body.Bytes, out var fault);
            if (query is null)
            {
                return TypedResults.BadRequest(new ErrorAnswer(fault!.ToString()));
            }
        }

        return await useCases.ResolveAsync(caller.WorkspaceId, query.UseCaseId, cancellationToken) is null
            ? UnknownUseCase.Answer(query.UseCaseId)
            : await answerAsync(query);
    }
}

/// <param name="Count">How many events match.</param>
/// <param name="LookbackDays">How far back events can be seen.</param>
internal sealed record CountAnswer(long Count, int LookbackDays);
