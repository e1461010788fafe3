using FleetManager.Data;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// What an image was uploaded with and what the event says of it are searched as one; where both have a key, the event's word counts. The sender of
/// the event did not say the former, so it is not hashed.
/// </summary>
internal static class ImageMetadata
{
    /// <summary>An object for each upload that has metadata, and for each other image of which the event says any; null when there is none.</summary>
    public static string? Join(ParsedEvent parsed, IReadOnlyDictionary<string, string?> uploads)
    {
        var joined = new List<string>();
        for (var image = 0; image < parsed.ImageMetadata.Count; image++)
        {
            var (own, before) = (parsed.ImageMetadata[image], joined.Count);
            foreach (var source in parsed.Sources)
            {
                if (source.Image == image && uploads.GetValueOrDefault(source.SourceId) is { } uploaded)
                {
                    MetadataReader.AddFields(uploaded, parsed.Fields);
                    joined.Add(own is null ? uploaded : JsonText.Merge(uploaded, own));
                }
            }

            if (joined.Count == before && own is not null)
            {
                joined.Add(own);
            }
        }

        return joined.Count == 0 ? null : $"[{string.Join(',', joined)}]";
    }
}
