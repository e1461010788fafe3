using System.Text.Json;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>An image of an event: the one to show, the original, and what was predicted.</summary>
/// <param name="OutputUrl">The image to show; often a picture of the predictions.</param>
/// <param name="InputUrl">The original.</param>
/// <param name="Label">The sender's label.</param>
/// <param name="Overlay">Coordinates refer to the original when there is one.</param>
public sealed record EventPicture(string? OutputUrl, string? InputUrl, string? Label, Overlay Overlay)
{
    /// <summary>Small picture for a list; null when the event has none.</summary>
    public string? ThumbnailUrl => OutputUrl ?? InputUrl;

    /// <summary>The image whose pixels the predictions are measured in.</summary>
    public string? AnnotatedUrl => InputUrl ?? OutputUrl;

    public static IReadOnlyList<EventPicture> ReadAll(string? images, Func<string, string> urlOf)
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
                .Select(i => new EventPicture(UrlOf(i, "sourceId", urlOf), UrlOf(i, "inputSourceId", urlOf), TextOf(i, "label"), Overlay.Read(i))),
        ];
    }

    private static string? UrlOf(JsonElement image, string key, Func<string, string> urlOf) => TextOf(image, key) is { Length: > 0 } id ? urlOf(id) : null;

    private static string? TextOf(JsonElement image, string key) =>
        image.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
