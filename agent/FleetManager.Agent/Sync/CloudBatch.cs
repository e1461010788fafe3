using System.Buffers;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>Writes the body of a batch (vision-events.md 14.6): bodies are copied as they are, and what is decided now is put around them.</summary>
internal sealed class CloudBatch(Guid epoch, string ownDevice, BackupSettings backup, IReadOnlyDictionary<string, string> sources)
{
    private static readonly JsonWriterOptions s_fragments = new() { SkipValidation = true };
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    public byte[] Write(IReadOnlyList<NumberedEvent> events)
    {
        Raw("{\"events\":["u8);
        for (var i = 0; i < events.Count; i++)
        {
            Raw(i == 0 ? "{\"eventId\":"u8 : ",{\"eventId\":"u8);
            WriteEvent(events[i]);
        }

        Raw("]}"u8);
        return _buffer.WrittenSpan.ToArray();
    }

    private void WriteEvent(NumberedEvent numbered)
    {
        var stored = numbered.Event;
        Text(stored.Id);
        Raw(",\"useCaseId\":"u8);
        Text(stored.UseCase ?? backup.DefaultUseCaseId!);
        Raw(",\"deviceId\":"u8);
        Text(stored.Device ?? ownDevice);

        // The body is an object with at least its type, so there is always something between its braces.
        Raw(","u8);
        Raw(stored.Body.AsSpan(1, stored.Body.Length - 2));
        if (stored.Images is { } images)
        {
            WriteImages(images);
        }

        Raw(Encoding.UTF8.GetBytes($",\"store\":{{\"epoch\":\"{epoch}\",\"seq\":{numbered.Seq}}}}}"));
    }

    private void WriteImages(byte[] images)
    {
        using var document = JsonDocument.Parse(images);
        using var writer = new Utf8JsonWriter(_buffer, s_fragments);
        Raw(",\"images\":"u8);
        writer.WriteStartArray();
        foreach (var image in document.RootElement.EnumerateArray())
        {
            writer.WriteStartObject();
            foreach (var member in image.EnumerateObject())
            {
                WriteMember(writer, member);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Predictions go along also when the settings keep the picture itself on the device.
    private void WriteMember(Utf8JsonWriter writer, JsonProperty member)
    {
        var name = member.Name switch
        {
            StoredImages.Output => "sourceId",
            StoredImages.Input => "inputSourceId",
            _ => null,
        };
        if (name is null)
        {
            member.WriteTo(writer);
        }
        else if (sources.TryGetValue(member.Value.GetString()!, out var source) && IsSent(backup.Images, member.Name))
        {
            writer.WriteString(name, source);
        }
    }

    /// <summary>The pictures of an event that the settings ask for.</summary>
    public static IEnumerable<string> Wanted(BackupImages choice, StoredEvent stored)
    {
        if (stored.Images is null || choice == BackupImages.None)
        {
            yield break;
        }

        using var document = JsonDocument.Parse(stored.Images);
        foreach (var member in document.RootElement.EnumerateArray().SelectMany(image => image.EnumerateObject()))
        {
            if (member.Name is StoredImages.Output or StoredImages.Input && IsSent(choice, member.Name))
            {
                yield return member.Value.GetString()!;
            }
        }
    }

    private static bool IsSent(BackupImages choice, string role) =>
        choice == BackupImages.Both || (role == StoredImages.Output ? choice == BackupImages.Output : choice == BackupImages.Input);

    private void Raw(ReadOnlySpan<byte> json) => _buffer.Write(json);

    private void Text(string text)
    {
        Raw("\""u8);
        Raw(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        Raw("\""u8);
    }
}
