using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Checks the images of an event (vision-events.md 4.2). Annotation lists longer than 1 000 are cut, with a warning; the image stays.</summary>
internal static class ImagesReader
{
    private const string Path = "images";

    private static readonly string[] s_names =
        ["sourceId", "inputSourceId", "label", "metadata", "objectDetections", "classifications", "instanceSegmentations", "keypoints"];

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

            ReadImage(ref json, body, count, parsed, cuts);
            count++;
        }

        parsed.ImageCount = count;
        return count == 0 ? null : Without(cuts, body, start, (int)json.BytesConsumed);
    }

    private static void ReadImage(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int position, ParsedEvent parsed, List<Range> cuts)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType($"{Path}[{position}]", "an object", json.TokenType);
        }

        parsed.ImageMetadata.Add(null);
        var known = 0;
        HashSet<string>? unknown = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.OneOf(ref json, s_names) ?? JsonValues.Unescape(ref json, $"{Path}[{position}]");
            var index = Array.IndexOf(s_names, name);
            if (index >= 0 ? (known & (1 << index)) != 0 : !(unknown ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
            {
                throw new EventFaultException($"{Path}[{position}].{name}", "is there twice.");
            }

            known |= index >= 0 ? 1 << index : 0;
            json.Read();
            ReadMember(ref json, body, name, $"{Path}[{position}].{name}", parsed, cuts);
        }
    }

    private static void ReadMember(ref Utf8JsonReader json, ReadOnlySpan<byte> body, string name, scoped JsonPath at, ParsedEvent parsed, List<Range> cuts)
    {
        switch (name)
        {
            case "sourceId" or "inputSourceId":
                if (JsonValues.OptionalText(ref json, at, EventLimits.IdLength) is { } source)
                {
                    parsed.Sources.Add((parsed.ImageMetadata.Count - 1, at.ToString(), source));
                }

                break;
            case "label":
                if (json.TokenType != JsonTokenType.Null)
                {
                    JsonValues.CheckText(ref json, at, EventLimits.ShortTextLength);
                }

                break;
            case "metadata":
                // What is searched in; the images themselves are kept as one piece of the sender's text.
                parsed.ImageMetadata[^1] = MetadataReader.Read(ref json, body, at, parsed.Warnings, parsed.Fields, ofImage: true);
                break;
            case "objectDetections" or "classifications" or "instanceSegmentations" or "keypoints":
                if (AnnotationsReader.Read(ref json, at, parsed.Classes) is { } cut)
                {
                    cuts.Add(cut);
                    parsed.Warnings.Add("annotations_cut", at.ToString(), $"It had more than {EventLimits.Annotations} entries; the rest was dropped.");
                }

                break;
            default:
                JsonValues.Check(ref json, at);
                parsed.Warnings.Add("unknown_field", at.ToString(), "It is not known for images; it was kept.");
                break;
        }
    }

    private static string Without(List<Range> cuts, ReadOnlySpan<byte> body, int start, int end)
    {
        if (cuts.Count == 0)
        {
            return Encoding.UTF8.GetString(body[start..end]);
        }

        var text = new StringBuilder();
        foreach (var cut in cuts)
        {
            text.Append(Encoding.UTF8.GetString(body[start..cut.Start.Value]));
            start = cut.End.Value;
        }

        return text.Append(Encoding.UTF8.GetString(body[start..end])).ToString();
    }
}
