using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace FleetManager.Server.Tests.Images;

/// <summary>Bytes that start as each format does, and uploads of them.</summary>
internal static class Pictures
{
    public static byte[] Jpeg(int size = 2000) => Of([0xFF, 0xD8, 0xFF, 0xE0], size);

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
