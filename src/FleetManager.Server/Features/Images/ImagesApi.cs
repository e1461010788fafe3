using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Images;

/// <summary>Routes that take in images and give them back (vision-events.md 6).</summary>
internal static class ImagesApi
{
    public static void MapImages(this IEndpointRouteBuilder app)
    {
        // Its secret is read now: a start that can not have it says so.
        _ = app.ServiceProvider.GetRequiredService<ImageLinks>();
        app.MapConsoleImages();
        app.MapPost("/vision-events/upload", UploadAsync)
            .RequireScope(Scopes.VisionEventsWrite, Scopes.DeviceUpdate)
            .WithTags("Vision Events")
            .WithName("UploadImage")
            .WithSummary("Upload an image that events can name")
            .Accepts<UploadForm>("multipart/form-data", JsonBody.AnyType)
            .Produces<ErrorAnswer>(StatusCodes.Status413PayloadTooLarge)
            .Produces<ErrorAnswer>(StatusCodes.Status503ServiceUnavailable);
        app.MapMethods(ImageLinks.Root + "{sourceId}/{variant?}", [HttpMethods.Get, HttpMethods.Head], GetAsync)
            .RequireAuthorization(policy => policy
                .AddAuthenticationSchemes(ImageLinkAuthentication.OrKey)
                .RequireAuthenticatedUser()
                .RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && Caller.Of(c.User).MayAny(Scopes.VisionEventsRead, Scopes.DeviceRead)))
            .DeclareKey(new KeyNeed(KeyKind.Any, [Scopes.VisionEventsRead, Scopes.DeviceRead]))
            .WithTags("Vision Events")
            .WithName("GetImage")
            .WithSummary("An image, or a picture of it that every browser shows")
            .Produces<Stream>(StatusCodes.Status200OK, "image/jpeg", ImageFormats.MediaTypes)
            .Produces<Stream>(StatusCodes.Status206PartialContent, "image/jpeg", ImageFormats.MediaTypes)
            .Produces(StatusCodes.Status304NotModified)
            .Produces<ErrorAnswer>(StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>
    /// 201 <c>{"success":true,"sourceId","url"}</c>, also for an image that is there already: then <c>name</c> and <c>metadata</c> replace the earlier
    /// ones where they are given. <c>url</c> opens the original without a key for a week. 400 says what the file is instead; 413 over 25 MiB;
    /// 503 when the image store can not be written.
    /// </summary>
    private static async Task<Results<Created<UploadAnswer>, BadRequest<ErrorAnswer>>> UploadAsync(
        HttpRequest request,
        Caller caller,
        ImageService images,
        ImageLinks links,
        CancellationToken cancellationToken)
    {
        var (sourceId, fault) = await images.UploadAsync(caller.WorkspaceId, request, cancellationToken);
        return sourceId is null
            ? TypedResults.BadRequest(new ErrorAnswer(fault!))
            : TypedResults.Created((string?)null, new UploadAnswer(true, sourceId, links.UrlsFor(request, caller.WorkspaceId)(sourceId)));
    }

    /// <summary>
    /// By a key, or by the signed link that answers carry as <c>url</c> and <c>inputUrl</c>. Without a variant the original; <c>display</c> is the full
    /// size in a format that every browser shows; <c>256</c> and <c>1024</c> are thumbnails of at most so many pixels a side, or the original where
    /// that is a JPEG of at most 128 KiB. 200, or 206 for a range; 304 when the caller has it; 403 for a link that has expired; 404 when the workspace
    /// has no such image; 422 when it can not be decoded.
    /// </summary>
    private static Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>, UnprocessableEntity<ErrorAnswer>>> GetAsync(
        string sourceId,
        string? variant,
        Caller caller,
        HttpResponse response,
        ImageServing serving,
        CancellationToken cancellationToken) =>
        serving.ServeAsync(caller.WorkspaceId, sourceId, variant, response, cancellationToken);
}

/// <summary>The form of an upload, read part by part; this says what it is, for the API's documentation.</summary>
/// <param name="File">JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF of at most 25 MiB, told by its content.</param>
/// <param name="Name">A name for the image.</param>
/// <param name="Metadata">JSON text of a flat object, with the limits of an event's <c>customMetadata</c>.</param>
internal sealed record UploadForm(IFormFile File, string? Name = null, string? Metadata = null);
