using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>Writes the body of a batch (vision-events.md 14.6): bodies are copied as they are, and what is decided now is put around them.</summary>
internal sealed class CloudBatch(Guid epoch, string ownDevice, BackupSettings backup, IReadOnlyDictionary<string, string> sources, EventClock? clock)
{
    private static readonly JsonWriterOptions s_fragments = new() { SkipValidation = true };
    private static readonly SearchValues<char> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/ ");
    private readonly byte[] _position = Encoding.ASCII.GetBytes($",\"store\":{{\"epoch\":\"{epoch}\",\"seq\":");
    private readonly ArrayBufferWriter<byte> _buffer = new(128 * 1024);
    private readonly bool _hasRightStamps = clock is null || clock.WasAlwaysRight;

    public ReadOnlyMemory<byte> Write(IReadOnlyList<NumberedEvent> events)
    {
        Raw("{\"events\":["u8);
        for (var i = 0; i < events.Count; i++)
        {
            Raw(i == 0 ? "{\"eventId\":"u8 : ",{\"eventId\":"u8);
            WriteEvent(events[i]);
        }

        Raw("]}"u8);
        return _buffer.WrittenMemory;
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
        var stamp = default(DateTimeOffset);
        var (stampAt, stampLength) = _hasRightStamps ? default : FindStamp(stored.Body, out stamp);
        var shift = stampLength == 0 ? TimeSpan.Zero : clock!.ShiftOf(numbered, stamp);
        if (shift == TimeSpan.Zero)
        {
            Raw(stored.Body.AsSpan(1, stored.Body.Length - 2));
        }
        else
        {
            Raw(stored.Body.AsSpan(1, stampAt - 1));
            Text((stamp + shift).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            Raw(stored.Body.AsSpan((stampAt + stampLength)..^1));
        }

        if (stored.Images is { } images)
        {
            WriteImages(images);
        }

        Raw(_position);
        Format(numbered.Seq);
        if (shift != TimeSpan.Zero)
        {
            Raw(",\"clockShiftMs\":"u8);
            Format((long)shift.TotalMilliseconds);
        }

        Raw("}}"u8);
    }

    /// <summary>Where the event's own time stands in its body, with its quotes; of length 0 when there is none that can be read.</summary>
    private static (int At, int Length) FindStamp(byte[] body, out DateTimeOffset stamp)
    {
        stamp = default;
        var json = new Utf8JsonReader(body);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isStamp = json.ValueTextEquals("timestamp"u8);
            json.Read();
            if (isStamp)
            {
                return json.TokenType == JsonTokenType.String && json.TryGetDateTimeOffset(out stamp)
                    ? ((int)json.TokenStartIndex, (int)(json.BytesConsumed - json.TokenStartIndex))
                    : default;
            }

            json.Skip();
        }

        return default;
    }

    private void Format(long value)
    {
        value.TryFormat(_buffer.GetSpan(64), out var written, default, CultureInfo.InvariantCulture);
        _buffer.Advance(written);
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
        if (text.AsSpan().ContainsAnyExcept(s_plain))
        {
            Raw(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        }
        else
        {
            // Ids and names nearly always are, and there are three in each event.
            Ascii.FromUtf16(text, _buffer.GetSpan(text.Length), out var written);
            _buffer.Advance(written);
        }

        Raw("\""u8);
    }
}
