namespace FleetManager.Agent.LocalApi;

/// <summary>Tells an image by its first bytes; what a producer calls it is not trusted (vision-events.md 6).</summary>
internal static class ImageFormat
{
    public const string Known = "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF";

    /// <summary>So many first bytes tell it.</summary>
    public const int HeadLength = 12;

    private static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> Png => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsKnown(ReadOnlySpan<byte> content) => TypeOf(content) is not null;

    /// <summary>The content type; null when it is no image.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> content) =>
        content.StartsWith(Jpeg) ? "image/jpeg"
        : content.StartsWith(Png) ? "image/png"
        : content.StartsWith("GIF87a"u8) || content.StartsWith("GIF89a"u8) ? "image/gif"
        : content.StartsWith("BM"u8) ? "image/bmp"
        : content.StartsWith("II*\0"u8) || content.StartsWith("MM\0*"u8) ? "image/tiff"
        : content.Length < HeadLength ? null
        : content.StartsWith("RIFF"u8) && content[8..].StartsWith("WEBP"u8) ? "image/webp"
        : !content[4..].StartsWith("ftyp"u8) ? null
        : content[8..].StartsWith("avi"u8) && IsPictureBrand(content[8..12]) ? "image/avif"
        : IsPictureBrand(content[8..12]) ? "image/heic"
        : null;

    private static bool IsPictureBrand(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("heim"u8) || brand.SequenceEqual("heis"u8)
        || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8)
        || brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8);
}
