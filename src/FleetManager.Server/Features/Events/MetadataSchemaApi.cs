using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Events;

/// <summary>Routes that tell by which metadata events can be searched (vision-events.md 10): what filter builders offer.</summary>
internal static class MetadataSchemaApi
{
    public static void MapMetadataSchemas(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/vision-events").WithTags("Vision Events");
        group.MapGet("/custom-metadata-schema/{useCaseId}", CustomAsync)
            .RequireApiKey(Scopes.VisionEventsRead, Scopes.DeviceRead)
            .WithName("GetCustomMetadataSchema")
            .WithSummary("List the metadata keys of a use case's events");
        group.MapGet("/image-metadata-schema/{useCaseId}", ImageAsync)
            .RequireApiKey(Scopes.VisionEventsRead)
            .WithName("GetImageMetadataSchema")
            .WithSummary("List the metadata keys of a use case's images");
    }

    /// <summary>200 <c>{"useCaseId","fields":{name:{"types":[…]}}}</c>, inferred from events; 404 when there is no such use case.</summary>
    private static Task<Results<Ok<MetadataSchemaAnswer>, NotFound<ErrorAnswer>>> CustomAsync(
        string useCaseId, Caller caller, MetadataSchemaService schemas, CancellationToken cancellationToken) =>
        AnswerAsync(useCaseId, caller, schemas, ofImages: false, cancellationToken);

    /// <summary>200 <c>{"useCaseId","fields":{name:{"types":[…]}}}</c>, inferred from images; 404 when there is no such use case.</summary>
    private static Task<Results<Ok<MetadataSchemaAnswer>, NotFound<ErrorAnswer>>> ImageAsync(
        string useCaseId, Caller caller, MetadataSchemaService schemas, CancellationToken cancellationToken) =>
        AnswerAsync(useCaseId, caller, schemas, ofImages: true, cancellationToken);

    private static async Task<Results<Ok<MetadataSchemaAnswer>, NotFound<ErrorAnswer>>> AnswerAsync(
        string useCaseId, Caller caller, MetadataSchemaService schemas, bool ofImages, CancellationToken cancellationToken) =>
        await schemas.ReadAsync(caller.WorkspaceId, useCaseId, ofImages, cancellationToken) is { } schema
            ? TypedResults.Ok(schema)
            : UnknownUseCase.Answer(useCaseId);
}
