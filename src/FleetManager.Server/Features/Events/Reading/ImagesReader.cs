using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Checks the images of an event (vision-events.md 4.2). Annotation lists longer than 1 000 are cut, with a warning; the image stays.</summary>
internal static class ImagesReader
{
    private const string Path = "images";

    /// <summary>The array as JSON text; null when it has no image.</summary>
    public static string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> body, ParsedEvent parsed)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType(Path, "an array", json.TokenType);
        }

        var start = (int)json.TokenStartIndex;
        var cuts = new List<Range>();
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (count == EventLimits.Images)
            {
                throw new EventFaultException(Path, $"has more than {EventLimits.Images} images.");
            }

            ReadImage(ref json, body, $"{Path}[{count}]", parsed, cuts);
            count++;
        }

        parsed.ImageCount = count;
        return count == 0 ? null : Without(cuts, body, start, (int)json.BytesConsumed);
    }

    private static void ReadImage(ref Utf8JsonReader json, ReadOnlySpan<byte> body, string path, ParsedEvent parsed, List<Range> cuts)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType(path, "an object", json.TokenType);
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.Unescape(ref json, path);
            var at = $"{path}.{name}";
            json.Read();
            switch (name)
            {
                case "sourceId" or "inputSourceId":
                    if (JsonValues.OptionalText(ref json, at, EventLimits.IdLength) is { } source)
                    {
                        parsed.Sources.Add((at, source));
                    }

                    break;
                case "label":
                    JsonValues.OptionalText(ref json, at, EventLimits.ShortTextLength);
                    break;
                case "metadata":
                    // What is searched in; the images themselves are kept as one piece of the sender's text.
                    if (MetadataReader.Read(ref json, body, at, parsed.Warnings, (key, type) => parsed.Fields.Add(new ParsedField(true, key, type))) is { } metadata)
                    {
                        parsed.ImageMetadata.Add(metadata);
                    }

                    break;
                case "objectDetections" or "classifications" or "instanceSegmentations" or "keypoints":
                    if (AnnotationsReader.Read(ref json, at, parsed.Classes) is { } cut)
                    {
                        cuts.Add(cut);
                        parsed.Warnings.Add("annotations_cut", at, $"It had more than {EventLimits.Annotations} entries; the rest was dropped.");
                    }

                    break;
                default:
                    JsonValues.Check(ref json, at);
                    parsed.Warnings.Add("unknown_field", at, "It is not known for images; it was kept.");
                    break;
            }
        }
    }

    private static string Without(List<Range> cuts, ReadOnlySpan<byte> body, int start, int end)
    {
        var text = new StringBuilder();
        foreach (var cut in cuts)
        {
            text.Append(Encoding.UTF8.GetString(body[start..cut.Start.Value]));
            start = cut.End.Value;
        }

        return text.Append(Encoding.UTF8.GetString(body[start..end])).ToString();
    }
}
