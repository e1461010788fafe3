using System.Collections.Concurrent;
using FleetManager.Data.Images;

namespace FleetManager.Server.Features.Images.Renditions;

/// <summary>
/// Pictures of images that a browser can show: made when they are first asked for, then read from the cache. Those who ask for the same one
/// wait for one; an image that can not be shown is not tried again for a while.
/// </summary>
internal sealed class RenditionService(IImageStore store, RenditionCache cache, RenderProcess renderer, TimeProvider time)
{
    public const string MediaType = "image/jpeg";
    private const int MaxFaults = 10_000;
    private static readonly TimeSpan s_faultFor = TimeSpan.FromMinutes(10);

    // The formats that every browser shows as they are.
    private static readonly string[] s_shown = ["image/jpeg", "image/png", "image/webp", "image/gif"];

    private readonly ConcurrentDictionary<(int, string, string), Lazy<Task<Made>>> _making = new();
    private readonly ConcurrentDictionary<(int, string), (string Fault, long At)> _faults = new();

    /// <summary>
    /// Bytes of a JPEG that is its own thumbnail. A list shows fifty, a browser fetches six at a time, and making one costs more than sending this
    /// much. No other format: so few bytes of a JPEG can not unpack to more than a browser bears, those of a PNG can.
    /// </summary>
    private const long SmallJpegBytes = 128 * 1024;

    /// <summary>Whether this variant of the image is the image itself.</summary>
    public static bool IsOriginal(Image image, ImageVariant variant) =>
        variant == ImageVariant.Original
        || (variant == ImageVariant.Display && s_shown.Contains(image.MediaType))
        || image is { MediaType: MediaType, Size: <= SmallJpegBytes };

    /// <summary>The picture, or why there can be none. Neither, when the bytes of the image are gone. The caller disposes it.</summary>
    public async Task<(Stream? Picture, string? Fault)> OpenAsync(Image image, ImageVariant variant, CancellationToken cancellationToken)
    {
        if (cache.Open(image.WorkspaceId, image.SourceId, variant) is { } picture)
        {
            return (picture, null);
        }

        if (_faults.TryGetValue((image.WorkspaceId, image.SourceId), out var known) && time.GetElapsedTime(known.At) < s_faultFor)
        {
            return (null, known.Fault);
        }

        // Made to the end even if this caller goes away: the next one finds it.
        var making = _making.GetOrAdd(
            (image.WorkspaceId, image.SourceId, variant.Name),
            key => new Lazy<Task<Made>>(() => MakeAsync(key, image, variant)));
        var made = await making.Value.WaitAsync(cancellationToken);
        return (made.Picture is null ? null : new MemoryStream(made.Picture, writable: false), made.Fault);
    }

    private async Task<Made> MakeAsync((int, string, string) key, Image image, ImageVariant variant)
    {
        try
        {
            await using var content = await store.OpenAsync(ImageKey.Of(image), CancellationToken.None);
            if (content is null)
            {
                return new Made(null, null);
            }

            var made = await renderer.RenderAsync(content, image.MediaType, variant.Width);
            if (made.Picture is { } picture)
            {
                await cache.PutAsync(image.WorkspaceId, image.SourceId, variant, picture);
            }
            else
            {
                Note(image, made.Fault!);
            }

            return made;
        }
        finally
        {
            _making.TryRemove(key, out _);
        }
    }

    private void Note(Image image, string fault)
    {
        if (_faults.Count >= MaxFaults)
        {
            _faults.Clear();
        }

        _faults[(image.WorkspaceId, image.SourceId)] = (fault, time.GetTimestamp());
    }
}

/// <param name="Picture">A JPEG.</param>
/// <param name="Fault">Why there is none.</param>
internal sealed record Made(byte[]? Picture, string? Fault);
