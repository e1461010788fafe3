using System.Text;

namespace FleetManager.Server.Features.Images;

/// <summary>Tells images by their first bytes (vision-events.md 6): names and declared types are never believed.</summary>
internal static class ImageFormats
{
    /// <summary>How many bytes are looked at.</summary>
    public const int SniffLength = 64;

    public const string Names = "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF";

    /// <summary>Of all eight.</summary>
    public static string[] MediaTypes { get; } = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/heic", "image/avif"];

    /// <summary>Media type of one of the eight formats; null when it is none of them.</summary>
    public static string? MediaTypeOf(ReadOnlySpan<byte> head) => 0 switch
    {
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) => "image/jpeg",
        _ when head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) => "image/png",
        _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => "image/gif",
        _ when head.StartsWith("RIFF"u8) && HasAt(head, 8, "WEBP"u8) => "image/webp",
        _ when head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8) => "image/tiff",
        _ when head.StartsWith("BM"u8) && HasAt(head, 6, "\0\0\0\0"u8) => "image/bmp",
        _ when HasAt(head, 4, "ftyp"u8) => MediaTypeOfBrands(head),
        _ => null,
    };

    /// <summary>What something else looks like, for a message.</summary>
    public static string Describe(ReadOnlySpan<byte> head) => 0 switch
    {
        _ when head.IsEmpty => "empty",
        _ when head.StartsWith("%PDF"u8) => "a PDF document",
        _ when head.StartsWith("PK\u0003\u0004"u8) => "a ZIP archive",
        _ when head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) => "a gzip archive",
        _ when HasAt(head, 4, "ftyp"u8) => "a video",
        _ when head.IndexOf("<svg"u8) >= 0 => "an SVG drawing",
        _ when head[0] == '<' => "HTML or XML",
        _ when head[0] is (byte)'{' or (byte)'[' => "JSON",
        _ when head.IndexOfAnyInRange((byte)0, (byte)8) < 0 && System.Text.Unicode.Utf8.IsValid(head[..^Math.Min(3, head.Length - 1)]) => "text",
        _ => $"unknown data (it starts with {Convert.ToHexString(head[..Math.Min(8, head.Length)])})",
    };

    /// <summary>HEIC and AVIF are both ISO media files; the major brand, or else a compatible one, tells which.</summary>
    private static string? MediaTypeOfBrands(ReadOnlySpan<byte> head)
    {
        string? type = null;
        for (var at = 8; at + 4 <= head.Length; at += at == 8 ? 8 : 4)
        {
            type = Encoding.ASCII.GetString(head.Slice(at, 4)) switch
            {
                "avif" or "avis" => "image/avif",
                "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" => type ?? "image/heic",
                "mif1" or "msf1" when at == 8 => null,
                _ => type,
            };
            if (type is not null)
            {
                return type;
            }
        }

        return head.Length >= 12 && head.Slice(8, 4) is var brand && (brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8)) ? "image/heic" : null;
    }

    private static bool HasAt(ReadOnlySpan<byte> head, int at, ReadOnlySpan<byte> expected) => head.Length >= at + expected.Length && head.Slice(at, expected.Length).SequenceEqual(expected);
}
