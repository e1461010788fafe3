using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Data.Rollups;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Events.Counts;

/// <summary>What charts and filter lists are drawn from.</summary>
internal static class CountsApi
{
    private const string Hour = "hour";
    private const string Day = "day";
    private const int MaxTop = 1000;

    public static void MapCounts(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/use-cases/{id}").RequireApiKey(Scopes.VisionEventsRead).WithTags("Counts");
        group.MapGet("histogram", HistogramAsync)
            .WithName("GetHistogram")
            .WithSummary("Events by hour or day and type, exact at the moment of the answer");
        group.MapGet("facets", FacetsAsync)
            .WithName("GetFacets")
            .WithSummary("Which values fields have, and how many events have them, by whole days");
    }

    /// <summary>
    /// 200 with every hour of at most 31 days or every day of at most 3 660; 400 names the parameter that can not be read or the range that is too
    /// long; 404 when there is no such use case.
    /// </summary>
    private static async Task<Results<Ok<HistogramAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> HistogramAsync(
        string id,
        [AsParameters] HistogramParameters asked,
        Caller caller,
        UseCaseDirectory useCases,
        EventCounts counts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var bucket = asked.Bucket ?? Hour;
        if (bucket is not (Hour or Day))
        {
            return Bad($"bucket must be hour or day, but is '{bucket}'.");
        }

        var maxDays = bucket == Hour ? 31 : 3660;
        if (!TimeRange.TryRead(asked.From, asked.To, time.GetUtcNow(), maxDays, out var range, out var fault))
        {
            return Bad(fault);
        }

        string[] types = asked.Types?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (Array.Find(types, t => !EventTypes.IsKnown(t)) is { } unknown)
        {
            return Bad($"types must be some of {string.Join(", ", EventTypes.All)}, separated by commas, but has '{unknown}'.");
        }

        if (await useCases.ResolveAsync(caller.WorkspaceId, id, cancellationToken) is not { } useCase)
        {
            return UnknownUseCase.Answer(id);
        }

        var unit = bucket == Hour ? CountUnit.Hour : CountUnit.Day;
        var found = await counts.HistogramAsync(caller.WorkspaceId, useCase.Key, range.From, range.To, unit, types, cancellationToken);
        return TypedResults.Ok(HistogramAnswer.Of(useCase.Id, bucket, found));
    }

    /// <summary>
    /// 200 with the most frequent values of each field, or of one; days are UTC and whole, at most 31, or 366 for one field. 400 names the parameter
    /// that can not be read or the range that is too long; 404 when there is no such use case.
    /// </summary>
    private static async Task<Results<Ok<FacetsAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> FacetsAsync(
        string id,
        [AsParameters] FacetParameters asked,
        Caller caller,
        UseCaseDirectory useCases,
        EventCounts counts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (asked.Field is { } field && !FacetFields.IsField(field))
        {
            return Bad($"field must be customMetadata.KEY or one of {string.Join(", ", FacetFields.Names)}, but is '{field}'.");
        }

        var top = asked.Top ?? 10;
        if (top is < 1 or > MaxTop)
        {
            return Bad($"top must be from 1 to {MaxTop}, but is {top}.");
        }

        if (!TimeRange.TryRead(asked.From, asked.To, time.GetUtcNow(), asked.Field is null ? 31 : 366, out var range, out var fault))
        {
            return Bad(fault);
        }

        if (await useCases.ResolveAsync(caller.WorkspaceId, id, cancellationToken) is not { } useCase)
        {
            return UnknownUseCase.Answer(id);
        }

        var found = await counts.FacetsAsync(caller.WorkspaceId, useCase.Key, range.From, range.To, asked.Field, top, cancellationToken);
        return TypedResults.Ok(FacetsAnswer.Of(useCase.Id, found));
    }

    private static BadRequest<ErrorAnswer> Bad(string error) => TypedResults.BadRequest(new ErrorAnswer(error));

    /// <param name="From">ISO 8601; seven days before <paramref name="To"/> when absent.</param>
    /// <param name="To">ISO 8601, not counted itself; now when absent.</param>
    /// <param name="Bucket"><c>hour</c> (when absent) or <c>day</c>, UTC.</param>
    /// <param name="Types">Event types, separated by commas; all when absent.</param>
    internal sealed record HistogramParameters(string? From, string? To, string? Bucket, string? Types);

    /// <param name="From">ISO 8601; its whole day counts. Seven days before <paramref name="To"/> when absent.</param>
    /// <param name="To">ISO 8601, not counted itself; the rest of its day is. Now when absent.</param>
    /// <param name="Field">One field; all when absent.</param>
    /// <param name="Top">Values of a field, 1 to 1 000; 10 when absent.</param>
    internal sealed record FacetParameters(string? From, string? To, string? Field, int? Top);
}
