using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FleetManager.Simulator.Camera;

/// <summary>Writes a sample as the body of one <c>POST /v2/events</c>.</summary>
internal static class Frame
{
    public static byte[] Write(Sample sample, CameraOptions options, int number, DateTimeOffset takenAt)
    {
        var stamp = options.Distinct ? string.Create(CultureInfo.InvariantCulture, $"{takenAt:O} {number} ") : null;
        var buffer = new ArrayBufferWriter<byte>(200_000);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("inference_timestamp", takenAt);
            WriteIfGiven(json, "solution", options.UseCase);
            WriteIfGiven(json, "stream_id", options.Stream);
            foreach (var member in sample.Event.EnumerateObject().Where(m => m.Name != "images"))
            {
                member.WriteTo(json);
            }

            json.WriteNumber("displayImagePosition", 0);
            json.WriteStartArray("images");
            json.WriteStartObject();
            json.WriteBase64String("base64Image", Stamped(sample.Output, stamp, "output"));
            json.WriteBase64String("inputBase64Image", Stamped(sample.Input, stamp, "input"));
            foreach (var member in sample.Event.GetProperty("images")[0].EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteIfGiven(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>The same picture as another file: a JPEG comment right after the start marker changes the bytes and no pixel.</summary>
    private static byte[] Stamped(byte[] jpeg, string? stamp, string kind)
    {
        if (stamp is null)
        {
            return jpeg;
        }

        var comment = Encoding.ASCII.GetBytes(stamp + kind);
        var header = new byte[6];
        jpeg.AsSpan(0, 2).CopyTo(header);
        header[2] = 0xFF;
        header[3] = 0xFE;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(comment.Length + 2));
        return [.. header, .. comment, .. jpeg.AsSpan(2)];
    }
}
