using FleetManager.Data;
using FleetManager.Data.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Images;

/// <summary>Takes in images and finds them again. The file is safe before the row that names it is written: a row never points at nothing.</summary>
internal sealed class ImageService(IDbContextFactory<FleetDb> databases, IImageStore store, ImageDirectory directory, TimeProvider time)
{
    /// <summary>Reads an upload and keeps its image; the result is its id, or what is wrong.</summary>
    public async Task<(string? SourceId, string? Fault)> UploadAsync(int workspaceId, HttpRequest request, CancellationToken cancellationToken)
    {
        using var upload = await ImageUpload.ReadAsync(request, store, cancellationToken);
        if (upload.File is not { } file)
        {
            return (null, "The part 'file' is missing: send the image in it.");
        }

        if (file.Fault is { } fault)
        {
            return (null, $"The file {fault}");
        }

        await KeepAsync(workspaceId, file, upload.Name, upload.Metadata, cancellationToken);
        return (file.SourceId, null);
    }

    /// <summary>Keeps a received image that has no fault.</summary>
    public async Task KeepAsync(int workspaceId, IncomingImage file, string? name, string? metadata, CancellationToken cancellationToken)
    {
        await file.KeepAsync(store, workspaceId, cancellationToken);
        await SaveAsync(
            new Image
            {
                WorkspaceId = workspaceId,
                SourceId = file.SourceId,
                Size = file.Size,
                MediaType = ImageFormats.MediaTypeOf(file.Head)!,
                Name = name,
                Metadata = metadata,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
        directory.Remember(workspaceId, file.SourceId);
    }

    /// <summary>Null when the workspace has no such image. The caller disposes the content.</summary>
    public async Task<(Image Image, Stream Content)?> OpenAsync(int workspaceId, string sourceId, CancellationToken cancellationToken)
    {
        if (!SourceIds.IsOurs(sourceId))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var image = await db.Images.AsNoTracking().SingleOrDefaultAsync(i => i.WorkspaceId == workspaceId && i.SourceId == sourceId, cancellationToken);
        return image is not null && await store.OpenAsync(workspaceId, sourceId, cancellationToken) is { } content ? (image, content) : null;
    }

    /// <summary>The first upload names an image; a later one of the same bytes changes nothing.</summary>
    private async Task SaveAsync(Image image, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Images.AnyAsync(i => i.WorkspaceId == image.WorkspaceId && i.SourceId == image.SourceId, cancellationToken))
        {
            db.Images.Add(image);
            await UniqueSave.TryAsync(db, cancellationToken);
        }
    }
}
