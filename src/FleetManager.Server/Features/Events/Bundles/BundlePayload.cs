using System.Buffers;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>
/// Turns <c>payload.json</c> into the body of a create request: <c>file</c> and <c>inputFile</c> become ids of images, a use case of the query goes
/// before the one inside, and the version goes. Everything else stays as it was written; what is wrong with it, the reader of events will say.
/// </summary>
/// <param name="useCaseId">From the query; null keeps the one inside.</param>
/// <param name="sourceOf">Image id of a member; throws <see cref="EventFaultException"/> when there is none.</param>
internal sealed class BundlePayload(string? useCaseId, Func<string, string, string> sourceOf)
{
    private const int FormatVersion = 1;

    private readonly ArrayBufferWriter<byte> _body = new();

    public ReadOnlySpan<byte> CreateBody => _body.WrittenSpan;

    /// <summary>Null when <see cref="CreateBody"/> can be used.</summary>
    public EventFault? Read(ReadOnlySpan<byte> payload) => BodyReader.Guard(payload, (ref Utf8JsonReader json, ReadOnlySpan<byte> bytes) =>
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new EventFaultException("", "An event must be a JSON object.");
        }

        using var writer = new Utf8JsonWriter(_body);
        writer.WriteStartObject();
        CopyMembers(ref json, bytes, writer);
        if (useCaseId is not null)
        {
            writer.WriteString("useCaseId", useCaseId);
        }

        writer.WriteEndObject();
    });

    private void CopyMembers(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, Utf8JsonWriter writer)
    {
        long? version = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.Unescape(ref json, "");
            json.Read();
            switch (name)
            {
                case "bundleFormatVersion":
                    version = JsonValues.Integer(ref json, name);
                    break;
                case "useCaseId" or "solution" when useCaseId is not null:
                    json.Skip();
                    break;
                case "images" when json.TokenType == JsonTokenType.StartArray:
                    writer.WritePropertyName(name);
                    CopyImages(ref json, payload, writer);
                    break;
                default:
                    Copy(ref json, payload, writer, name);
                    break;
            }
        }

        if (version != FormatVersion)
        {
            throw new EventFaultException("bundleFormatVersion", $"must be {FormatVersion}, but is {version?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "missing"}.");
        }
    }

    private void CopyImages(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        for (var i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw EventFaultException.WrongType($"images[{i}]", "an object", json.TokenType);
            }

            writer.WriteStartObject();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                CopyImageMember(ref json, payload, writer, $"images[{i}]");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void CopyImageMember(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, Utf8JsonWriter writer, string path)
    {
        var name = JsonValues.Unescape(ref json, path);
        json.Read();
        if (name is not ("file" or "inputFile"))
        {
            Copy(ref json, payload, writer, name);
        }
        else if (JsonValues.OptionalText(ref json, $"{path}.{name}", EventLimits.ShortTextLength) is { } member)
        {
            writer.WriteString(name == "file" ? "sourceId" : "inputSourceId", sourceOf($"{path}.{name}", member));
        }
    }

    private static void Copy(ref Utf8JsonReader json, ReadOnlySpan<byte> payload, Utf8JsonWriter writer, string name)
    {
        writer.WritePropertyName(name);
        var start = (int)json.TokenStartIndex;
        json.Skip();
        writer.WriteRawValue(payload[start..(int)json.BytesConsumed], skipInputValidation: true);
    }
}
