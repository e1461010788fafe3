using System.Buffers.Binary;
using System.Buffers.Text;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// A place between two device events and the side of it to go on to. The side does not depend on the order in which rows are shown, so a
/// client may turn round with either cursor. Opaque on the wire.
/// </summary>
internal readonly record struct DeviceEventCursor(long Key, bool Newer)
{
    private const byte OlderVersion = 1;
    private const byte NewerVersion = 2;
    private const int Size = 9;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Newer ? NewerVersion : OlderVersion;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Key);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out DeviceEventCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Base64Url.GetEncodedLength(Size)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Size
            || bytes[0] is not (OlderVersion or NewerVersion))
        {
            return false;
        }

        cursor = new DeviceEventCursor(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), bytes[0] == NewerVersion);
        return true;
    }
}
