using System.Text;
using System.Text.Json;

namespace FleetManager.Server.Features.Images;

/// <summary>Copies the images of an event and adds where each can be fetched: <c>url</c> and <c>inputUrl</c>.</summary>
internal static class ImageUrls
{
    public static void Write(Utf8JsonWriter json, string? images, string imageBase)
    {
        json.WriteStartArray();
        if (images is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(images);
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                WriteImage(json, ref reader, bytes, imageBase);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, ref Utf8JsonReader reader, byte[] bytes, string imageBase)
    {
        json.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name is "url" or "inputUrl")
            {
                // Ours by name, whatever a sender said.
                reader.Skip();
                continue;
            }

            json.WritePropertyName(name);
            var start = (int)reader.TokenStartIndex;
            var url = name switch { "sourceId" => "url", "inputSourceId" => "inputUrl", _ => null };
            var source = url is not null && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
            json.WriteRawValue(bytes.AsSpan(start..(int)reader.BytesConsumed), skipInputValidation: true);
            if (source is not null && SourceIds.IsOurs(source))
            {
                json.WriteString(url!, imageBase + source);
            }
        }

        json.WriteEndObject();
    }
}
