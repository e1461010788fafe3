using System.Buffers;

namespace FleetManager.Server.Features.Images;

/// <summary>The form of the ids that uploads are given: SHA-256 in lower-case hexadecimal.</summary>
internal static class SourceIds
{
    private const int Length = 64;
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Also what keeps an id from being a path: nothing else ever reaches the file system.</summary>
    public static bool IsOurs(string id) => id.Length == Length && !id.AsSpan().ContainsAnyExcept(s_digits);
}
