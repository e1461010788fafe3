using System.Text;
using System.Text.Json;

namespace FleetManager.Server.Features.Images;

/// <summary>Copies the images of an event and adds where each can be fetched: <c>url</c> and <c>inputUrl</c>.</summary>
internal static class ImageUrls
{
    private const string Url = "url";
    private const string InputUrl = "inputUrl";

    public static void Write(Utf8JsonWriter json, string? images, Func<string, string> urlOf)
    {
        json.WriteStartArray();
        if (images is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(images);
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                WriteImage(json, ref reader, bytes, urlOf);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, ref Utf8JsonReader reader, byte[] bytes, Func<string, string> urlOf)
    {
        json.WriteStartObject();
        var (own, theirs) = (new List<string>(2), new List<(string Name, Range Value)>());
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var url = name switch { "sourceId" => Url, "inputSourceId" => InputUrl, _ => null };
            var source = url is not null && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
            if (name is Url or InputUrl)
            {
                theirs.Add((name, start..(int)reader.BytesConsumed));
                continue;
            }

            json.WritePropertyName(name);
            json.WriteRawValue(bytes.AsSpan(start..(int)reader.BytesConsumed), skipInputValidation: true);
            if (source is not null && SourceIds.IsOurs(source))
            {
                json.WriteString(url!, urlOf(source));
                own.Add(url!);
            }
        }

        // An event that was read here and sent again brings the addresses of then; ours are of now.
        foreach (var (name, value) in theirs.Where(t => !own.Contains(t.Name)))
        {
            json.WritePropertyName(name);
            json.WriteRawValue(bytes.AsSpan(value), skipInputValidation: true);
        }

        json.WriteEndObject();
    }
}
