using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Images;

/// <summary>Writes rows of images. Each method is one short transaction, and every one but the insert looks again at what it was told.</summary>
public sealed class ImageWriter(IDbContextFactory<FleetDb> databases, WriteGate gate)
{
    private const string Insert = "ON CONFLICT (workspace_id, source_id) DO NOTHING RETURNING workspace_id, source_id";

    /// <summary>Inserts all in one transaction; true for each row that is new. The same image twice in the list is new once.</summary>
    public async Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<Image> images, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        // One statement is a transaction by itself.
        await using var transaction = InsertRows.Statements(db, images.Count) > 1 ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        // Several servers insert at once: in one order they wait for each other, in any other they could wait for ever.
        var sorted = images.OrderBy(i => i.WorkspaceId).ThenBy(i => i.SourceId, StringComparer.Ordinal).ToList();
        var made = new HashSet<(int, string)>();
        foreach (var command in InsertRows.Commands(db, "images", sorted, Insert))
        {
            await using (command)
            {
                await command.PrepareAsync(cancellationToken);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    made.Add((reader.GetInt32(0), reader.GetString(1)));
                }
            }
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return [.. images.Select(i => made.Remove((i.WorkspaceId, i.SourceId)))];
    }

    /// <summary>Says that an image was uploaded again, with a name or metadata if the sender gave them. False when it is gone.</summary>
    public async Task<bool> TouchAsync(Image image, string? name, string? metadata, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Images
            .Where(i => i.WorkspaceId == image.WorkspaceId && i.SourceId == image.SourceId && i.CreatedAt == image.CreatedAt)
            .ExecuteUpdateAsync(
                s =>
                {
                    s.SetProperty(i => i.LastUsedAt, now);
                    if (name is not null)
                    {
                        s.SetProperty(i => i.Name, name);
                    }

                    if (metadata is not null)
                    {
                        s.SetProperty(i => i.Metadata, metadata);
                    }
                },
                cancellationToken) > 0;
    }

    /// <summary>Says that images were named by events, all in one statement; those that are gone stay so.</summary>
    public async Task BumpAsync(int workspaceId, IReadOnlyList<string> sourceIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Images
            .Where(i => i.WorkspaceId == workspaceId && EF.Parameter(sourceIds).Contains(i.SourceId) && i.LastUsedAt < now)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.LastUsedAt, now), cancellationToken);
    }

    /// <summary>
    /// Deletes rows of images that nobody used since, and gives each as soon as it is gone; up to <paramref name="limit"/>. Row by row, each
    /// looked at again as it goes: an image that is used meanwhile stays, and nobody ever waits for more than one row.
    /// </summary>
    public async IAsyncEnumerable<Image> DeleteUnusedAsync(
        int workspaceId,
        DateTimeOffset usedBefore,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var candidates = await db.Images.AsNoTracking()
            .Where(i => i.WorkspaceId == workspaceId && i.LastUsedAt < usedBefore)
            .OrderBy(i => i.LastUsedAt)
            .Take(limit)
            .ToListAsync(cancellationToken);
        foreach (var image in candidates)
        {
            if (await DeleteAsync(db, image, usedBefore, cancellationToken))
            {
                yield return image;
            }
        }
    }

    private async Task<bool> DeleteAsync(FleetDb db, Image image, DateTimeOffset usedBefore, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        return await db.Images
            .Where(i => i.WorkspaceId == image.WorkspaceId && i.SourceId == image.SourceId && i.LastUsedAt < usedBefore)
            .ExecuteDeleteAsync(CancellationToken.None) > 0;
    }
}
