namespace FleetManager.Server.Features.Images;

/// <summary>Keeps the bytes of images. What is kept under a key never changes. A store that fails throws <see cref="IOException"/>.</summary>
internal interface IImageStore
{
    /// <summary>Looks at the start whether the store can be had; a fault names the key to set.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Takes over a received file, which may stay or go. When this returns, the image survives a power cut. Doing it again changes nothing.</summary>
    Task KeepAsync(string incomingPath, ImageKey key, CancellationToken cancellationToken);

    Task<bool> ExistsAsync(ImageKey key, CancellationToken cancellationToken);

    /// <summary>Opens an image for reading at any position; null when there is none.</summary>
    Task<Stream?> OpenAsync(ImageKey key, CancellationToken cancellationToken);

    /// <summary>Deletes an image; one that is not there is deleted already.</summary>
    Task DeleteAsync(ImageKey key, CancellationToken cancellationToken);
}
