using System.Buffers.Binary;
using System.Security.Cryptography;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Events;

/// <summary>Pictures of a wanted size that any viewer opens: a real photograph, filled up with comments.</summary>
internal static class SampleImages
{
    // A JPEG begins with FF D8; a comment is FF FE, its length with these two bytes, and its text.
    private const int Start = 2, SegmentHead = 4, LargestSegment = 65_535 + 2;

    public const int UniqueAt = Start + SegmentHead;

    private static readonly string s_photograph = Path.Combine(Stage.Repository, "samples/clock.jpg");

    /// <summary>A picture of exactly that size, with 16 bytes from <see cref="UniqueAt"/> on that may be changed to make another one of it.</summary>
    public static byte[] Create(int size)
    {
        var photograph = File.ReadAllBytes(s_photograph);
        var image = new byte[size];
        photograph.AsSpan(0, Start).CopyTo(image);
        photograph.AsSpan(Start).CopyTo(image.AsSpan(size - (photograph.Length - Start)));
        var comments = image.AsSpan(Start, size - photograph.Length);
        while (comments.Length > 0)
        {
            // The rest must hold a segment, too.
            var segment = comments.Length > LargestSegment ? Math.Min(LargestSegment, comments.Length - SegmentHead) : comments.Length;
            RandomNumberGenerator.Fill(comments[..segment]);
            (comments[0], comments[1]) = (0xff, 0xfe);
            BinaryPrimitives.WriteUInt16BigEndian(comments[2..], (ushort)(segment - 2));
            comments = comments[segment..];
        }

        return image;
    }
}
