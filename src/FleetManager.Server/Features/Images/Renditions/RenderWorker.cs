using System.Globalization;
using System.Text;
using ImageMagick;

namespace FleetManager.Server.Features.Images.Renditions;

/// <summary>
/// The process that decodes one image: <c>FleetManager.Server render-image MEDIA-TYPE WIDTH</c>, the image on standard input, a JPEG on standard
/// output. Decoders are native code that reads what strangers send; here a crash, a hang or an overflow ends one picture and nothing else.
/// </summary>
internal static class RenderWorker
{
    public const string Command = "render-image";

    /// <summary>Exit code: the image can not be shown, and standard error says why.</summary>
    public const int Refused = 3;

    private const uint MaxSide = 65_000;
    private const ulong MaxPixels = 100_000_000;

    // Four bytes a pixel, and as much again to turn it.
    private const ulong PixelBytes = 8 * MaxPixels;
    private const ulong ProfileBytes = 16 * 1024 * 1024;
    private const int JpegQuality = 88;

    public static int Run(string mediaType, string width)
    {
        MemoryLimit.Set();
        SetLimits();
        using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false));
        try
        {
            var input = new MemoryStream();
            Console.OpenStandardInput().CopyTo(input);
            using var output = Console.OpenStandardOutput();
            output.Write(Render(input.GetBuffer().AsSpan(0, (int)input.Length), FormatOf(mediaType), uint.Parse(width, CultureInfo.InvariantCulture)));
            return 0;
        }
        catch (MagickException fault)
        {
            error.Write(Explain(fault));
            return Refused;
        }
    }

    /// <summary>The format that the bytes showed, and no other: nothing in the image can call for a decoder of its choice.</summary>
    private static MagickFormat FormatOf(string mediaType) => mediaType switch
    {
        "image/jpeg" => MagickFormat.Jpeg,
        "image/png" => MagickFormat.Png,
        "image/webp" => MagickFormat.WebP,
        "image/gif" => MagickFormat.Gif,
        "image/tiff" => MagickFormat.Tiff,
        "image/bmp" => MagickFormat.Bmp,
        "image/heic" => MagickFormat.Heic,
        "image/avif" => MagickFormat.Avif,
        _ => throw new ArgumentException($"{mediaType} is none of the eight formats.", nameof(mediaType)),
    };

    private static void SetLimits()
    {
        ResourceLimits.Width = MaxSide;
        ResourceLimits.Height = MaxSide;
        ResourceLimits.Area = PixelBytes;
        ResourceLimits.Memory = PixelBytes;
        ResourceLimits.MaxMemoryRequest = PixelBytes;
        ResourceLimits.MaxProfileSize = ProfileBytes;
        ResourceLimits.ListLength = 64;
        // What does not fit in memory is refused, never worked on through the disk.
        ResourceLimits.Disk = 0;
        ResourceLimits.Thread = 1;
    }

    private static byte[] Render(ReadOnlySpan<byte> input, MagickFormat format, uint width)
    {
        // Several pictures in one file (GIF, TIFF, WebP): the first one counts.
        var settings = new MagickReadSettings { Format = format, FrameIndex = 0, FrameCount = 1 };
        // Layers of another program inside a TIFF would call that program's decoder.
        settings.SetDefine(MagickFormat.Tiff, "ignore-layers", true);
        using var image = new MagickImage();
        image.Ping(input, settings);
        if ((ulong)image.Width * image.Height > MaxPixels)
        {
            throw new MagickResourceLimitErrorException($"it has {image.Width} x {image.Height} pixels");
        }

        if (width > 0 && Math.Max(image.Width, image.Height) > width * 2)
        {
            // JPEG can be decoded at a fraction of its size; twice the target keeps the picture sharp.
            settings.SetDefine(MagickFormat.Jpeg, "size", string.Create(CultureInfo.InvariantCulture, $"{width * 2}x{width * 2}"));
        }

        image.Read(input, settings);
        image.AutoOrient();
        if (image.GetColorProfile() is not null)
        {
            image.TransformColorSpace(ColorProfiles.SRGB);
        }

        image.ColorSpace = ColorSpace.sRGB;
        if (width > 0 && Math.Max(image.Width, image.Height) > width)
        {
            image.Thumbnail(width, width);
        }

        image.BackgroundColor = MagickColors.White;
        image.Alpha(AlphaAction.Remove);
        image.Strip();
        image.Quality = JpegQuality;
        return image.ToByteArray(MagickFormat.Jpeg);
    }

    private static string Explain(MagickException fault) => fault switch
    {
        MagickResourceLimitErrorException or MagickCacheErrorException =>
            string.Create(CultureInfo.InvariantCulture, $"it is too large to be shown: {MaxPixels / 1_000_000} million pixels, {MaxSide} on a side, is the limit ({Reason(fault)})"),
        _ => $"its data is damaged or incomplete ({Reason(fault)})",
    };

    /// <summary>Without the place in the library's source.</summary>
    private static string Reason(Exception fault) => fault.Message.Split(" @ ", 2)[0].Split('`', 2)[0].Trim();
}
