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

    /// <summary>Every file that the images refer to, as often as they do.</summary>
    public static IEnumerable<string> Hashes(byte[]? images)
    {
        if (images is null)
        {
            yield break;
        }

        using var document = JsonDocument.Parse(images);
        foreach (var image in document.RootElement.EnumerateArray())
        {
            foreach (var role in s_roles)
            {
                if (image.TryGetProperty(role, out var hash))
                {
                    yield return hash.GetString()!;
                }
            }
        }
    }
}
