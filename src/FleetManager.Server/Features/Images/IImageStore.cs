namespace FleetManager.Server.Features.Images;

/// <summary>Keeps the bytes of images under their hash. What is kept never changes.</summary>
internal interface IImageStore
{
    /// <summary>Makes a file to receive an upload; the caller writes it, and either keeps or disposes it.</summary>
    Stream CreateIncoming(out string path);

    /// <summary>Takes over a received file. When this returns, the image survives a power cut. Keeping the same image again changes nothing.</summary>
    Task KeepAsync(string incomingPath, int workspaceId, string sourceId, CancellationToken cancellationToken);

    /// <summary>Opens an image for reading at any position; null when there is none of that id.</summary>
    Task<Stream?> OpenAsync(int workspaceId, string sourceId, CancellationToken cancellationToken);
}
