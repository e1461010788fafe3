using System.Buffers;

namespace FleetManager.Agent.LocalApi;

/// <summary>The name of an image, here and at the server: SHA-256 in lower-case hexadecimal.</summary>
internal static class ImageHash
{
    private const int Length = 64;
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    public static bool Is(string text) => text.Length == Length && !text.AsSpan().ContainsAnyExcept(s_digits);
}
