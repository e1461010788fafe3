using System.Buffers;
using System.Text.Json;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// The images of an event as the journal keeps them: the array of the server's image objects, with the hash of the file as
/// <c>output</c> and <c>input</c> where the server's have a source id.
/// </summary>
internal static class StoredImages
{
    public const string Output = "output";
    public const string Input = "input";
    public const string Source = "sourceId";
    public const string InputSource = "inputSourceId";

    private static readonly string[] s_roles = [Output, Input];

    /// <summary>Every file that the images refer to, as often as they do; none when a damaged row no longer tells.</summary>
    public static IReadOnlyList<string> Hashes(byte[]? images)
    {
        if (images is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(images);
            return [.. from image in document.RootElement.EnumerateArray()
                       from role in s_roles
                       where image.TryGetProperty(role, out _)
                       select image.GetProperty(role).GetString()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>How many images there are.</summary>
    public static int Count(byte[]? images)
    {
        if (images is null)
        {
            return 0;
        }

        using var document = JsonDocument.Parse(images);
        return document.RootElement.GetArrayLength();
    }

    /// <summary>Two arrays as one.</summary>
    public static byte[] Join(byte[]? first, byte[] second) =>
        Count(first) == 0 ? second : Count(second) == 0 ? first! : [.. first.AsSpan(0, first!.Length - 1), (byte)',', .. second.AsSpan(1)];

    /// <summary>Names images by their files where they are here: a source id is the hash of what it stands for.</summary>
    public static byte[]? Resolve(byte[]? images, Func<string, bool> isHere)
    {
        if (images is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(images);
        var buffer = new ArrayBufferWriter<byte>(images.Length);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var image in document.RootElement.EnumerateArray())
        {
            writer.WriteStartObject();
            foreach (var member in image.EnumerateObject())
            {
                var role = member.Name switch { Source => Output, InputSource => Input, _ => null };
                writer.WritePropertyName(role is not null && isHere(member.Value.GetString()!) ? role : member.Name);
                member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
