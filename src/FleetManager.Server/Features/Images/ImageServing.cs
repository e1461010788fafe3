using FleetManager.Contracts.Agents;
using FleetManager.Data.Images;
using FleetManager.Server.Features.Images.Renditions;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Server.Features.Images;

/// <summary>Answers with an image or a picture of it; who may see it was decided before.</summary>
internal sealed class ImageServing(ImageService images, IImageStore store, RenditionService renditions)
{
    public async Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>, UnprocessableEntity<ErrorAnswer>>> ServeAsync(
        int workspaceId,
        string sourceId,
        string? variantName,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (ImageVariant.Find(variantName) is not { } variant)
        {
            return TypedResults.NotFound(new ErrorAnswer($"An image has no variant '{variantName}': ask for {ImageVariant.Names}, or for none to get the original."));
        }

        if (await images.FindAsync(workspaceId, sourceId, cancellationToken) is not { } image)
        {
            return TypedResults.NotFound(new ErrorAnswer("This workspace has no image of that id."));
        }

        try
        {
            if (RenditionService.IsOriginal(image, variant))
            {
                response.Headers.ContentDisposition = NameOf(image);
                return await store.OpenAsync(ImageKey.Of(image), cancellationToken) is { } original
                    ? Answer(response, original, image.MediaType, sourceId)
                    : Gone();
            }

            return await renditions.OpenAsync(image, variant, cancellationToken) switch
            {
                ({ } picture, _) => Answer(response, picture, RenditionService.MediaType, $"{sourceId}-{variant.Name}"),
                (_, { } fault) => TypedResults.UnprocessableEntity(new ErrorAnswer($"No picture can be made of this image: {fault}. The original can be fetched.")),
                _ => Gone(),
            };
        }
        catch (IOException fault)
        {
            throw new BusyException("the image store can not be read", fault);
        }
    }

    /// <summary>The id is the hash of the content, so what was fetched once is good for ever. Private, since it took a key, a link or a session to get it.</summary>
    private static FileStreamHttpResult Answer(HttpResponse response, Stream content, string mediaType, string tag)
    {
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(content, mediaType, entityTag: new EntityTagHeaderValue($"\"{tag}\""), enableRangeProcessing: true);
    }

    /// <summary>What a browser calls the file that it saves.</summary>
    private static string NameOf(Image image)
    {
        var disposition = new ContentDispositionHeaderValue("inline");
        disposition.SetHttpFileName(image.Name ?? $"{image.SourceId[..12]}.{image.MediaType["image/".Length..]}");
        return disposition.ToString();
    }

    private static NotFound<ErrorAnswer> Gone() => TypedResults.NotFound(new ErrorAnswer("The bytes of this image are not in the image store: upload it again."));
}
