using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Server.Features.Images;

/// <summary>Routes that take in images and give them back (vision-events.md 6).</summary>
internal static class ImagesApi
{
    private const string Root = "/vision-events/images/";

    private static readonly string[] s_mediaTypes =
        ["image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/heic", "image/avif"];

    public static void MapImages(this IEndpointRouteBuilder app)
    {
        app.MapPost("/vision-events/upload", UploadAsync)
            .RequireScope(Scopes.VisionEventsWrite, Scopes.DeviceUpdate)
            .WithTags("Vision Events")
            .WithName("UploadImage")
            .WithSummary("Upload an image that events can name")
            .Accepts<UploadForm>("multipart/form-data", JsonBody.AnyType)
            .Produces<ErrorAnswer>(StatusCodes.Status413PayloadTooLarge);
        app.MapMethods(Root + "{sourceId}", [HttpMethods.Get, HttpMethods.Head], GetAsync)
            .RequireScope(Scopes.VisionEventsRead, Scopes.DeviceRead)
            .WithTags("Vision Events")
            .WithName("GetImage")
            .WithSummary("The original of an image")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), s_mediaTypes))
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status206PartialContent, typeof(Stream), s_mediaTypes))
            .Produces(StatusCodes.Status304NotModified)
            .Produces(StatusCodes.Status416RangeNotSatisfiable);
    }

    /// <summary>Absolute address before an image's id, on the host that the request was sent to.</summary>
    public static string BaseOf(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}{Root}";

    /// <summary>200 with the original, or a range of it; 304 when the caller has it; 404 when the workspace has no such image.</summary>
    public static async Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>>> ServeAsync(
        int workspaceId,
        string sourceId,
        HttpResponse response,
        ImageService images,
        CancellationToken cancellationToken)
    {
        if (await images.OpenAsync(workspaceId, sourceId, cancellationToken) is not var (image, content))
        {
            return TypedResults.NotFound(new ErrorAnswer("This workspace has no image of that id."));
        }

        // The id is the hash of the content: what was fetched once is good for ever. Private, since it took a key or a session to get it.
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(content, image.MediaType, entityTag: new EntityTagHeaderValue($"\"{image.SourceId}\""), enableRangeProcessing: true);
    }

    /// <summary>201 <c>{"success":true,"sourceId","url"}</c>, also for an image that is there already; 400 says what the file is instead; 413 over 25 MiB.</summary>
    private static async Task<Results<Created<UploadAnswer>, BadRequest<ErrorAnswer>>> UploadAsync(
        HttpRequest request,
        Caller caller,
        ImageService images,
        CancellationToken cancellationToken)
    {
        var (sourceId, fault) = await images.UploadAsync(caller.WorkspaceId, request, cancellationToken);
        return sourceId is null
            ? TypedResults.BadRequest(new ErrorAnswer(fault!))
            : TypedResults.Created((string?)null, new UploadAnswer(true, sourceId, BaseOf(request) + sourceId));
    }

    /// <inheritdoc cref="ServeAsync"/>
    private static Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>>> GetAsync(
        string sourceId,
        Caller caller,
        HttpResponse response,
        ImageService images,
        CancellationToken cancellationToken) =>
        ServeAsync(caller.WorkspaceId, sourceId, response, images, cancellationToken);
}

/// <summary>The form of an upload, read part by part; this says what it is, for the API's documentation.</summary>
/// <param name="File">JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF of at most 25 MiB, told by its content.</param>
/// <param name="Name">A name for the image.</param>
/// <param name="Metadata">JSON text of a flat object, with the limits of an event's <c>customMetadata</c>.</param>
internal sealed record UploadForm(IFormFile File, string? Name = null, string? Metadata = null);
