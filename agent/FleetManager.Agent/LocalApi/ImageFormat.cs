namespace FleetManager.Agent.LocalApi;

/// <summary>Tells an image by its first bytes; what a producer calls it is not trusted (vision-events.md 6).</summary>
internal static class ImageFormat
{
    public const string Known = "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC or AVIF";

    private static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> Png => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsKnown(ReadOnlySpan<byte> content) =>
        content.StartsWith(Jpeg)
        || content.StartsWith(Png)
        || content.StartsWith("GIF87a"u8)
        || content.StartsWith("GIF89a"u8)
        || content.StartsWith("BM"u8)
        || content.StartsWith("II*\0"u8)
        || content.StartsWith("MM\0*"u8)
        || (content.Length >= 12 && content.StartsWith("RIFF"u8) && content[8..].StartsWith("WEBP"u8))
        || (content.Length >= 12 && content[4..].StartsWith("ftyp"u8) && IsPictureBrand(content[8..12]));

    private static bool IsPictureBrand(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("heim"u8) || brand.SequenceEqual("heis"u8)
        || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8)
        || brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8);
}
