using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Reads the <c>images</c> of an event: takes the pictures out as files and writes the rest in the journal's shape.</summary>
internal sealed class ImageParser(Utf8JsonWriter output, EventDialect dialect)
{
    /// <summary>Every picture, as often as the event shows it.</summary>
    public List<NewImage> Pictures { get; } = [];

    public EventFault? Parse(JsonElement images, string path = "images")
    {
        if (images.ValueKind != JsonValueKind.Array || images.GetArrayLength() > EventLimits.Images)
        {
            return EventFault.Invalid(path, $"must be an array of at most {EventLimits.Images} images");
        }

        output.WriteStartArray();
        var index = 0;
        foreach (var image in images.EnumerateArray())
        {
            if (ParseImage(new EventMembers(image, JsonRules.At(path, index++))) is { } fault)
            {
                return fault;
            }
        }

        output.WriteEndArray();
        return null;
    }

    private EventFault? ParseImage(EventMembers image)
    {
        if (image.Fault is { } wrong)
        {
            return wrong;
        }

        output.WriteStartObject();
        var bad = dialect.IsCloud
            ? SourceId(image, StoredImages.Source) ?? SourceId(image, StoredImages.InputSource)
            : Picture(image, "base64Image", StoredImages.Output) ?? Picture(image, "inputBase64Image", StoredImages.Input);
        if (bad is not null)
        {
            return bad;
        }

        if (image.Text("label", EventLimits.ShortTextLength, out var label) is { } badLabel)
        {
            return badLabel;
        }

        if (label is not null)
        {
            output.WriteString("label", label);
        }

        return Checked(image, "metadata", Metadata)
            ?? AnnotationRules.Lists.Select(list => Checked(image, list, AnnotationRules.Check)).FirstOrDefault(f => f is not null)
            ?? End();
    }

    private EventFault? Metadata(JsonElement value, string path) => JsonRules.Metadata(value, path, isStrict: !dialect.IsCloud);

    private EventFault? SourceId(EventMembers image, string key)
    {
        if (image.Text(key, EventLimits.IdLength, out var id) is { } fault)
        {
            return fault;
        }

        if (id is not null)
        {
            output.WriteString(key, id);
        }

        return null;
    }

    private EventFault? Checked(EventMembers image, string key, Func<JsonElement, string, EventFault?> check)
    {
        if (!image.TryGet(key, out var value))
        {
            return null;
        }

        if (check(value, image.PathOf(key)) is { } fault)
        {
            return fault;
        }

        output.WritePropertyName(key);
        value.WriteTo(output);
        return null;
    }

    private EventFault? End()
    {
        output.WriteEndObject();
        return null;
    }

    private EventFault? Picture(EventMembers image, string key, string role)
    {
        if (!image.TryGet(key, out var value))
        {
            return null;
        }

        var path = image.PathOf(key);
        if (value.ValueKind != JsonValueKind.String || !value.TryGetBytesFromBase64(out var content))
        {
            return EventFault.Invalid(path, "must be base64, without a data: prefix");
        }

        if (content.LongLength > EventLimits.ImageBytes)
        {
            return new EventFault(StatusCodes.Status413PayloadTooLarge, $"{path} holds {content.LongLength} bytes; an image may have {EventLimits.ImageBytes}");
        }

        if (ImageFormat.TypeOf(content) is null)
        {
            return EventFault.Invalid(path, $"is not an image: it must be {ImageFormat.Known}");
        }

        var picture = NewImage.Of(content);
        Pictures.Add(picture);
        output.WriteString(role, picture.Hash);
        return null;
    }
}
