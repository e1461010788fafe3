using System.Net.Http.Headers;
using System.Security.Cryptography;
using ImageMagick;
using ImageMagick.Drawing;

namespace FleetManager.Server.Tests.Images;

/// <summary>Bytes that start as each format does, real pictures of each, and uploads of them.</summary>
internal static class Pictures
{
    /// <summary>48 x 32 pixels, the left half red, the right half blue. The library reads HEIC and does not write it.</summary>
    private const string Heic =
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAa1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAACAAAA" +
        "EGlkYXQAAAAAADAAIAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHRAAEAAAAAAAAAIwACAAEAAAAAAAAAAQAAAAAAAAAIAAAAOGlpbmYAAAAAAAIAAAAVaW5m" +
        "ZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIAAAAAAgAAZ3JpZAAAAADYaXBycAAAALZpcGNvAAAAdmh2Y0MBA3AAAAAAAAAAAAAe8AD8/fj4AAAPAyAAAQAYQAEM" +
        "Af//A3AAAAMAkAAAAwAAAwAeugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFlurkprm4EBAwIAAAAwAgAAADACEiAAEABkQBwXPAiQAAABRpc3BlAAAA" +
        "AAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAMAAAACAAAAAQcGl4aQAAAAADCAgIAAAAGmlwbWEAAAAAAAAAAgABAoECAAICA4QAAAAaaXJlZgAAAAAAAAAOZGlt" +
        "ZwACAAEAAQAAACttZGF0AAAAHygBr1j5Et3/ztP+cchqcJzvrILWLn5M0LTx3JGQBhg=";

    public static byte[] Jpeg(int size = 2000) => Of([0xFF, 0xD8, 0xFF, 0xE0], size);

    /// <summary>A picture of one of the eight formats, like <see cref="Heic"/>.</summary>
    public static byte[] Real(string mediaType, Action<MagickImage>? change = null)
    {
        if (mediaType == "image/heic")
        {
            return Convert.FromBase64String(Heic);
        }

        using var picture = new MagickImage(MagickColors.Blue, 48, 32);
        new Drawables().FillColor(MagickColors.Red).Rectangle(0, 0, 23, 31).Draw(picture);
        change?.Invoke(picture);
        return picture.ToByteArray(Enum.Parse<MagickFormat>(mediaType["image/".Length..], ignoreCase: true));
    }

    /// <summary>The given start, then random bytes: no two are the same.</summary>
    public static byte[] Of(ReadOnlySpan<byte> head, int size) => [.. head, .. RandomNumberGenerator.GetBytes(Math.Max(0, size - head.Length))];

    public static string SourceIdOf(byte[] picture) => Convert.ToHexStringLower(SHA256.HashData(picture));

    /// <summary>As the reference's SDK sends it: file first, declared as a stream of bytes.</summary>
    public static MultipartFormDataContent Upload(byte[] picture, string? name = null, string? metadata = null)
    {
        var file = new ByteArrayContent(picture);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var form = new MultipartFormDataContent { { file, "file", "photo.txt" } };
        if (name is not null)
        {
            form.Add(new StringContent(name), "name");
        }

        if (metadata is not null)
        {
            form.Add(new StringContent(metadata), "metadata");
        }

        return form;
    }
}
