using System.Text.Json;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// The images of an event as the journal keeps them: the array of the server's image objects, with the hash of the file as
/// <c>output</c> and <c>input</c> where the server's have a source id.
/// </summary>
internal static class StoredImages
{
    public const string Output = "output";
    public const string Input = "input";

    private static readonly string[] s_roles = [Output, Input];

    /// <summary>Every file that the images refer to, as often as they do; none when a damaged row no longer tells.</summary>
    public static IReadOnlyList<string> Hashes(byte[]? images)
    {
        if (images is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(images);
            return [.. from image in document.RootElement.EnumerateArray()
                       from role in s_roles
                       where image.TryGetProperty(role, out _)
                       select image.GetProperty(role).GetString()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
