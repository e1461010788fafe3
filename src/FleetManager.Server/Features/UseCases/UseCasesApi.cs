using System.ComponentModel;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Use case routes (vision-events.md 9).</summary>
internal static class UseCasesApi
{
    public static void MapUseCases(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/vision-events/use-cases").WithTags("Use cases");
        group.MapGet("", ListAsync)
            .RequireApiKey(Scopes.VisionEventsRead, Scopes.DeviceRead)
            .WithName("ListUseCases")
            .WithSummary("List active use cases, or archived ones with status=inactive");

        var writes = group.MapGroup("").RequireApiKey(Scopes.VisionEventsWrite);
        writes.MapPost("", CreateAsync)
            .WithName("CreateUseCase")
            .WithSummary("Create a use case")
            .Accepts<NameBody>("application/json", JsonBody.AnyType);
        writes.MapPut("/{id}", RenameAsync)
            .WithName("RenameUseCase")
            .WithSummary("Change the name; id and events stay")
            .Accepts<NameBody>("application/json", JsonBody.AnyType);
        writes.MapPost("/{id}/archive", ArchiveAsync).WithName("ArchiveUseCase").WithSummary("Close for new events and hide from the list");
        writes.MapPost("/{id}/unarchive", UnarchiveAsync).WithName("UnarchiveUseCase").WithSummary("Open again");
    }

    /// <summary>200 <c>{"useCases":[…],"lookbackDays"}</c>; 400 for another status than <c>active</c> or <c>inactive</c>.</summary>
    private static async Task<Results<Ok<UseCaseListAnswer>, BadRequest<ErrorAnswer>>> ListAsync(
        Caller caller,
        UseCaseService useCases,
        HistoryWindow history,
        CancellationToken cancellationToken,
        [Description("active, or inactive for archived ones.")] string status = UseCaseDto.Active)
    {
        if (status is not (UseCaseDto.Active or UseCaseDto.Inactive))
        {
            return TypedResults.BadRequest(new ErrorAnswer($"status must be active or inactive, but is '{status}'."));
        }

        var found = await useCases.ListAsync(caller.WorkspaceId, status == UseCaseDto.Inactive, cancellationToken);
        var days = await history.DaysAsync(caller.WorkspaceId, cancellationToken);
        return TypedResults.Ok(new UseCaseListAnswer([.. found.Select(UseCaseDto.Of)], days));
    }

    /// <summary>201 <c>{"id","name"}</c>; 409 when the name is taken.</summary>
    private static async Task<Results<Created<UseCaseAnswer>, BadRequest<ErrorAnswer>, Conflict<ErrorAnswer>>> CreateAsync(
        HttpRequest request,
        Caller caller,
        UseCaseService useCases,
        CancellationToken cancellationToken)
    {
        var (name, fault) = await UseCaseBody.ReadNameAsync(request, cancellationToken);
        if (fault is not null)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault));
        }

        var result = await useCases.CreateAsync(caller.WorkspaceId, name, caller.Actor, cancellationToken);
        return result.Outcome switch
        {
            UseCaseOutcome.Done => TypedResults.Created((string?)null, UseCaseAnswer.Of(result)),
            UseCaseOutcome.Duplicate => TypedResults.Conflict(new ErrorAnswer(result.Message!)),
            _ => TypedResults.BadRequest(new ErrorAnswer(result.Message!)),
        };
    }

    /// <summary>200 <c>{"id","name"}</c>; 404 when there is none of that id, 409 when the name is taken.</summary>
    private static async Task<Results<Ok<UseCaseAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>, Conflict<ErrorAnswer>>> RenameAsync(
        string id,
        HttpRequest request,
        Caller caller,
        UseCaseService useCases,
        CancellationToken cancellationToken)
    {
        var (name, fault) = await UseCaseBody.ReadNameAsync(request, cancellationToken);
        if (fault is not null)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault));
        }

        var result = await useCases.RenameAsync(caller.WorkspaceId, id, name, caller.Actor, cancellationToken);
        return result.Outcome switch
        {
            UseCaseOutcome.Done => TypedResults.Ok(UseCaseAnswer.Of(result)),
            UseCaseOutcome.NotFound => TypedResults.NotFound(new ErrorAnswer(result.Message!)),
            UseCaseOutcome.Duplicate => TypedResults.Conflict(new ErrorAnswer(result.Message!)),
            _ => TypedResults.BadRequest(new ErrorAnswer(result.Message!)),
        };
    }

    /// <summary>200 <c>{"success":true}</c>, also when it is archived already; 404 when there is none of that id.</summary>
    private static async Task<Results<Ok<SuccessAnswer>, NotFound<ErrorAnswer>>> ArchiveAsync(
        string id,
        Caller caller,
        UseCaseService useCases,
        CancellationToken cancellationToken) =>
        Answer(await useCases.ArchiveAsync(caller.WorkspaceId, id, caller.Actor, cancellationToken));

    /// <summary>200 <c>{"success":true}</c>, also when it is active already; 404 when there is none of that id.</summary>
    private static async Task<Results<Ok<SuccessAnswer>, NotFound<ErrorAnswer>>> UnarchiveAsync(
        string id,
        Caller caller,
        UseCaseService useCases,
        CancellationToken cancellationToken) =>
        Answer(await useCases.UnarchiveAsync(caller.WorkspaceId, id, caller.Actor, cancellationToken));

    private static Results<Ok<SuccessAnswer>, NotFound<ErrorAnswer>> Answer(UseCaseResult result) =>
        result.Outcome == UseCaseOutcome.Done ? TypedResults.Ok(new SuccessAnswer(true)) : TypedResults.NotFound(new ErrorAnswer(result.Message!));
}
