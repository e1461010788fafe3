using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// SHA-256 of what was said and who vouches for it, in one order and with lengths, so that no two contents look alike. What the server filled in (time of
/// arrival, a default timestamp, warnings) is left out: a repeat after a lost answer must be recognised.
/// </summary>
internal static class ContentHash
{
    /// <summary>Bytes of a buffer that is kept for the next event; one large event must not hold memory for ever.</summary>
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_content;

    public static byte[] Of(ParsedEvent parsed, int useCaseKey)
    {
        var content = s_content ??= new ArrayBufferWriter<byte>(4096);
        content.ResetWrittenCount();
        Number(content, useCaseKey);
        Text(content, parsed.EventType);
        Number(content, parsed.Timestamp?.UtcTicks);
        Text(content, parsed.DeviceId);
        Text(content, parsed.StreamId);
        Text(content, parsed.WorkflowId);
        Text(content, parsed.EventData);
        Text(content, parsed.Images);
        Number(content, parsed.DisplayImagePosition);
        Text(content, parsed.CustomMetadata);
        Text(content, parsed.Comment);
        Text(content, parsed.Extra);
        Text(content, parsed.Reviewer);
        var hash = SHA256.HashData(content.WrittenSpan);
        if (content.Capacity > LargestKept)
        {
            s_content = null;
        }

        return hash;
    }

    private static void Text(ArrayBufferWriter<byte> content, string? text)
    {
        Number(content, text?.Length);
        Encoding.UTF8.GetBytes(text, content);
    }

    private static void Number(ArrayBufferWriter<byte> content, long? number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), number ?? long.MinValue);
        content.Advance(sizeof(long));
    }
}
