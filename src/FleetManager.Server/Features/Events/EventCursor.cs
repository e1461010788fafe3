using System.Buffers.Binary;
using System.Buffers.Text;

namespace FleetManager.Server.Features.Events;

/// <summary>
/// Where a page ended: the timestamp and key of its last event. Opaque on the wire. Events that arrive meanwhile are either newer, and
/// so before the cursor, or in their place after it: no page shows an event twice or skips one.
/// </summary>
internal readonly record struct EventCursor(DateTimeOffset Timestamp, long Key)
{
    private const byte Version = 1;
    private const int Size = 17;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Timestamp.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Key);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out EventCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        // The library's "try" throws at characters that are none of base 64.
        if (text.Length != Base64Url.GetEncodedLength(Size)
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Size
            || bytes[0] != Version)
        {
            return false;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (ticks < DateTimeOffset.MinValue.UtcTicks || ticks > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        cursor = new EventCursor(new DateTimeOffset(ticks, TimeSpan.Zero), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));
        return true;
    }
}
