using System.Text.Json;
using FleetManager.Server.Features.Images;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>An image of an event: the one to show, the original, and what was predicted.</summary>
/// <param name="Output">The image to show; often a picture of the predictions.</param>
/// <param name="Input">The original.</param>
/// <param name="Label">The sender's label.</param>
/// <param name="Overlay">Coordinates refer to the original when there is one.</param>
public sealed record EventPicture(PictureUrls? Output, PictureUrls? Input, string? Label, Overlay Overlay)
{
    /// <summary>Small picture for a list; null when the event has none.</summary>
    public string? ThumbnailUrl => (Output ?? Input)?.Thumbnail;

    /// <summary>The image whose pixels the predictions are measured in.</summary>
    public string? AnnotatedUrl => (Input ?? Output)?.Display;

    /// <param name="images">JSON of an event's images.</param>
    /// <param name="urlOf">Address of a variant of an image, by id and name.</param>
    public static IReadOnlyList<EventPicture> ReadAll(string? images, Func<string, string, string> urlOf)
    {
        if (images is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(images);
        return document.RootElement.ValueKind != JsonValueKind.Array ? [] :
        [
            .. document.RootElement.EnumerateArray()
                .Where(i => i.ValueKind == JsonValueKind.Object)
                .Select(i => new EventPicture(UrlsOf(i, "sourceId", urlOf), UrlsOf(i, "inputSourceId", urlOf), TextOf(i, "label"), Overlay.Read(i))),
        ];
    }

    private static PictureUrls? UrlsOf(JsonElement image, string key, Func<string, string, string> urlOf) => TextOf(image, key) is { Length: > 0 } id
        ? new PictureUrls(urlOf(id, ImageVariant.Original.Name), urlOf(id, ImageVariant.Display.Name), urlOf(id, ImageVariant.Small.Name))
        : null;

    private static string? TextOf(JsonElement image, string key) =>
        image.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Original">The bytes that were uploaded, in whatever format.</param>
/// <param name="Display">As large, for a browser.</param>
/// <param name="Thumbnail">For a list.</param>
public sealed record PictureUrls(string Original, string Display, string Thumbnail);
