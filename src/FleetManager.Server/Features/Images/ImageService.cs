using FleetManager.Data;
using FleetManager.Data.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Images;

/// <summary>Takes in images and finds them again. The file is safe before the row that names it is written: a row never points at nothing.</summary>
internal sealed class ImageService(
    IDbContextFactory<FleetDb> databases,
    ImageWriter writer,
    IImageStore store,
    IncomingFolder incoming,
    ImageDirectory directory,
    TimeProvider time)
{
    // Uploads that arrive together share one transaction.
    private readonly GroupCommit<Image, bool> _inserts = new(images => writer.InsertAsync(images, CancellationToken.None));

    // Asked for every upload and every picture: those that arrive together share one question.
    private readonly GroupCommit<(int WorkspaceId, string SourceId), Image?> _finds = new(Finder(databases));

    /// <summary>Reads an upload and keeps its image; the result is its id, or what is wrong.</summary>
    public async Task<(string? SourceId, string? Fault)> UploadAsync(int workspaceId, HttpRequest request, CancellationToken cancellationToken)
    {
        using var upload = await ImageUpload.ReadAsync(request, incoming, cancellationToken);
        if (upload.File is not { } file)
        {
            return (null, "The part 'file' is missing: send the image in it.");
        }

        if (file.Fault is { } fault)
        {
            return (null, $"The file {fault}");
        }

        await KeepAsync(workspaceId, file, upload.Name, upload.FileName, upload.Metadata, cancellationToken);
        return (file.SourceId, null);
    }

    /// <summary>
    /// Keeps a received image that has no fault. The same bytes again cost one look. Then <paramref name="name"/> and
    /// <paramref name="metadata"/> replace what an earlier upload said, where they are given; <paramref name="fileName"/> names only what has no name.
    /// </summary>
    public async Task KeepAsync(
        int workspaceId,
        IncomingImage file,
        string? name,
        string? fileName,
        string? metadata,
        CancellationToken cancellationToken)
    {
        // Whatever goes on meanwhile (an upload of the same bytes, retention) shows as a row that is there or is not, and then one looks again.
        while (true)
        {
            var known = await FindAsync(workspaceId, file.SourceId, cancellationToken);
            if (known is null
                ? await InsertAsync(workspaceId, file, ImageFormats.MediaTypeOf(file.Head)!, name ?? fileName, metadata, cancellationToken)
                : await ReuseAsync(known, file, name, metadata, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>Null when the workspace has no such image.</summary>
    public async Task<Image?> FindAsync(int workspaceId, string sourceId, CancellationToken cancellationToken) =>
        SourceIds.IsOurs(sourceId) ? await _finds.AddAsync((workspaceId, sourceId)).WaitAsync(cancellationToken) : null;

    /// <summary>With a compiled query of its own: one can be used with the database that it is first used with, and with no other.</summary>
    private static Func<IReadOnlyList<(int WorkspaceId, string SourceId)>, Task<IReadOnlyList<Image?>>> Finder(IDbContextFactory<FleetDb> databases)
    {
        var find = EF.CompileAsyncQuery(
            (FleetDb db, int workspaceId, List<string> ids) => db.Images.AsNoTracking().Where(i => i.WorkspaceId == workspaceId && ids.Contains(i.SourceId)));
        return async wanted =>
        {
            var found = new Dictionary<(int, string), Image>();
            await using var db = await databases.CreateDbContextAsync();
            foreach (var workspace in wanted.GroupBy(w => w.WorkspaceId, w => w.SourceId))
            {
                List<string> ids = [.. workspace.Distinct(StringComparer.Ordinal)];
                await foreach (var image in find(db, workspace.Key, ids))
                {
                    found[(image.WorkspaceId, image.SourceId)] = image;
                }
            }

            return [.. wanted.Select(found.GetValueOrDefault)];
        };
    }

    /// <summary>False when another upload of the same bytes was first.</summary>
    private async Task<bool> InsertAsync(
        int workspaceId,
        IncomingImage file,
        string mediaType,
        string? name,
        string? metadata,
        CancellationToken cancellationToken)
    {
        var now = Now();
        var image = new Image
        {
            WorkspaceId = workspaceId,
            SourceId = file.SourceId,
            Size = file.Size,
            MediaType = mediaType,
            Name = name,
            Metadata = metadata,
            CreatedAt = now,
            LastUsedAt = now,
        };
        await file.KeepAsync(store, ImageKey.Of(image), cancellationToken);
        if (!await _inserts.AddAsync(image).WaitAsync(cancellationToken))
        {
            return false;
        }

        directory.Remember(image);
        return true;
    }

    /// <summary>False when retention deleted the image meanwhile.</summary>
    private async Task<bool> ReuseAsync(Image known, IncomingImage file, string? name, string? metadata, CancellationToken cancellationToken)
    {
        var now = Now();
        if (name is not null || metadata is not null || ImageDirectory.IsStale(known.LastUsedAt, now))
        {
            if (!await writer.TouchAsync(known, name, metadata, now, cancellationToken))
            {
                return false;
            }

            (known.LastUsedAt, known.Metadata) = (now, metadata ?? known.Metadata);
        }

        // Bytes that somebody took away from under the server are put back. The row was used just now, so nothing will delete them.
        if (!await store.ExistsAsync(ImageKey.Of(known), cancellationToken))
        {
            await file.KeepAsync(store, ImageKey.Of(known), cancellationToken);
        }

        directory.Remember(known);
        return true;
    }

    /// <summary>In whole microseconds, as PostgreSQL keeps it: the key of the bytes must come out the same.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
