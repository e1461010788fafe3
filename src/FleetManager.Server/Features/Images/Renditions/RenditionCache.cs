using System.Globalization;
using System.IO.Enumeration;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images.Renditions;

/// <summary>
/// Pictures that were made, as files: <c>renditions/WORKSPACE/ab/ID.VARIANT</c> in the data directory. All of it can be made again, so nothing is
/// flushed, and what was not looked at for longest goes when there is more than the limit.
/// </summary>
internal sealed class RenditionCache
{
    private static readonly TimeSpan s_usedEvery = TimeSpan.FromHours(1);
    private readonly Lock _lock = new();
    private readonly string _root;
    private readonly long _limit;
    private readonly TimeProvider _time;
    private long _bytes;

    public RenditionCache(IOptions<FleetOptions> options, TimeProvider time)
    {
        _root = options.Value.PathOf("renditions");
        _limit = options.Value.Images.RenditionMiB * 1024L * 1024;
        _time = time;
        Directory.CreateDirectory(_root);
        _bytes = Files(_root).Sum(f => f.Length);
    }

    /// <summary>Null when it was not made, or is gone again.</summary>
    public Stream? Open(int workspaceId, string sourceId, ImageVariant variant)
    {
        var path = PathOf(workspaceId, sourceId, variant);
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 64 * 1024, FileOptions.Asynchronous);
            var now = _time.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(path) > s_usedEvery)
            {
                // Many file systems do not note reads.
                File.SetLastWriteTimeUtc(path, now);
            }

            return file;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            file?.Dispose();
            return null;
        }
    }

    /// <summary>Keeps a picture; a disk that is full or fails keeps it out, and it is made again next time.</summary>
    public async Task PutAsync(int workspaceId, string sourceId, ImageVariant variant, byte[] picture)
    {
        var path = PathOf(workspaceId, sourceId, variant);
        var unfinished = $"{path}.{Guid.NewGuid():n}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(unfinished, picture);
            File.SetLastWriteTimeUtc(unfinished, _time.GetUtcNow().UtcDateTime);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Where not even the folder could be made, deleting fails too.
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }

            return;
        }

        if (Interlocked.Add(ref _bytes, picture.Length) > _limit)
        {
            Evict();
        }
    }

    public void Delete(int workspaceId, string sourceId)
    {
        var folder = FolderOf(workspaceId, sourceId);
        if (Directory.Exists(folder))
        {
            foreach (var file in Files(folder).Where(f => Path.GetFileName(f.Path).StartsWith(sourceId + ".", StringComparison.Ordinal)))
            {
                Interlocked.Add(ref _bytes, -file.Length);
                File.Delete(file.Path);
            }
        }
    }

    /// <summary>Down to nine tenths, so that it is not done for every picture. What other servers on the directory added is counted here.</summary>
    private void Evict()
    {
        lock (_lock)
        {
            var files = Files(_root).OrderBy(f => f.UsedAt).ToList();
            var bytes = files.Sum(f => f.Length);
            foreach (var file in files.TakeWhile(_ => bytes > _limit / 10 * 9))
            {
                bytes -= file.Length;
                File.Delete(file.Path);
            }

            Interlocked.Exchange(ref _bytes, bytes);
        }
    }

    /// <summary>Looked at one by one, for any may be renamed or deleted meanwhile: what is gone has no length, and is no fault.</summary>
    private static FileSystemEnumerable<Kept> Files(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => new Kept(entry.ToFullPath(), entry.Length, entry.LastWriteTimeUtc),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
    };

    private string FolderOf(int workspaceId, string sourceId) => SourceIds.IsOurs(sourceId)
        ? Path.Combine(_root, workspaceId.ToString(CultureInfo.InvariantCulture), sourceId[..2])
        : throw new ArgumentException("Not an id of this store.", nameof(sourceId));

    private string PathOf(int workspaceId, string sourceId, ImageVariant variant) =>
        Path.Combine(FolderOf(workspaceId, sourceId), $"{sourceId}.{variant.Name}");

    private readonly record struct Kept(string Path, long Length, DateTimeOffset UsedAt);
}
