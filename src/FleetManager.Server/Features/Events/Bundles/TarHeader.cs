using System.Buffers.Binary;
using System.Text;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>One header block of a tar archive, as POSIX and GNU write it.</summary>
/// <param name="Name">Path of the member, unless a longer one went before.</param>
/// <param name="Size">Bytes that follow.</param>
/// <param name="Kind">Type flag.</param>
internal readonly record struct TarHeader(string Name, long Size, char Kind)
{
    public const int BlockSize = 512;
    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;

    /// <summary>False when the block is no header: its checksum is wrong, or its size can not be read.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, out TarHeader header)
    {
        header = default;
        if (Octal(block.Slice(ChecksumAt, ChecksumLength)) != Checksum(block) || SizeOf(block.Slice(124, 12)) is not { } size)
        {
            return false;
        }

        // Only POSIX keeps the start of a long path here; GNU has times in its place.
        var prefix = block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(block.Slice(345, 155)) : "";
        var name = Text(block[..100]);
        header = new TarHeader(prefix.Length > 0 ? $"{prefix}/{name}" : name, size, (char)block[156]);
        return true;
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    private static long? SizeOf(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) == 0)
        {
            return Octal(field);
        }

        // GNU writes large numbers in binary; nothing that large, or negative, is taken here anyway.
        var size = BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        return field[0] == 0x80 && field[1..4].IndexOfAnyExcept((byte)0) < 0 && size >= 0 ? size : null;
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            value = (value * 8) + (digit - '0');
        }

        return value;
    }

    /// <summary>The sum of all bytes, with the checksum itself taken as blanks.</summary>
    private static long Checksum(ReadOnlySpan<byte> block)
    {
        long sum = ChecksumLength * ' ';
        for (var i = 0; i < BlockSize; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? 0 : block[i];
        }

        return sum;
    }
}
