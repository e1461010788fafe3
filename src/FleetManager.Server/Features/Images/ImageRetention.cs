using FleetManager.Data.Images;
using FleetManager.Server.Features.Images.Renditions;

namespace FleetManager.Server.Features.Images;

/// <summary>Deletes images that no event of the history window can name any more.</summary>
internal sealed partial class ImageRetention(
    ImageWriter writer,
    IImageStore store,
    RenditionCache renditions,
    ImageDirectory directory,
    TimeProvider time,
    ILogger<ImageRetention> logger)
{
    private const int BatchSize = 200;

    // The use of an image is written down at most every 12 hours, and an event may still be on its way to the database.
    private static readonly TimeSpan s_safety = TimeSpan.FromDays(2);

    /// <summary>
    /// Deletes the images that were last used more than two days before <paramref name="floor"/>, the oldest moment that the workspace can see;
    /// returns how many. First the rows, then the bytes: a crash between them leaves bytes that nobody finds, never a row without bytes.
    /// </summary>
    public async Task<int> SweepAsync(int workspaceId, DateTimeOffset floor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var usedBefore = (floor < now ? floor : now) - s_safety;
        var total = 0;
        for (var found = BatchSize; found == BatchSize;)
        {
            found = 0;
            await foreach (var image in writer.DeleteUnusedAsync(workspaceId, usedBefore, BatchSize, cancellationToken))
            {
                found++;
                total++;
                if (!await TryDeleteBytesAsync(image))
                {
                    return total;
                }
            }
        }

        return total;
    }

    /// <summary>False when the store fails. The row is gone, so the bytes of this image stay for ever; those of others wait for the next sweep.</summary>
    private async Task<bool> TryDeleteBytesAsync(Image image)
    {
        directory.Forget(image.WorkspaceId, image.SourceId);
        try
        {
            renditions.Delete(image.WorkspaceId, image.SourceId);
            await store.DeleteAsync(ImageKey.Of(image), CancellationToken.None);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.Left(logger, ImageKey.Of(image).Path, fault);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Warning, "The image {Path} is deleted, but its bytes could not be: they only take up space")]
        public static partial void Left(ILogger logger, string path, Exception fault);
    }
}
