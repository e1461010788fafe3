using System.Globalization;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

/// <summary>Images as files: <c>images/WORKSPACE/ab/abcdef…</c> in the data directory. A file appears under its name only when it is whole and on disk.</summary>
internal sealed class FileImageStore : IImageStore
{
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromHours(1);
    private readonly string _root;
    private readonly string _incoming;

    public FileImageStore(IOptions<FleetOptions> options, TimeProvider time)
    {
        _root = options.Value.PathOf("images");
        _incoming = Path.Combine(_root, ".incoming");
        Directory.CreateDirectory(_incoming);

        // What a crash left half received. Young files may belong to another server on the same directory.
        foreach (var file in new DirectoryInfo(_incoming).EnumerateFiles().Where(f => time.GetUtcNow() - f.LastWriteTimeUtc > s_abandonedAfter))
        {
            file.Delete();
        }
    }

    public Stream CreateIncoming(out string path)
    {
        path = Path.Combine(_incoming, Guid.NewGuid().ToString("n"));
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false);
    }

    public Task KeepAsync(string incomingPath, int workspaceId, string sourceId, CancellationToken cancellationToken)
    {
        using (var file = File.OpenHandle(incomingPath, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        var path = PathOf(workspaceId, sourceId);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DirectorySync.Flush(Path.GetDirectoryName(folder)!);
            DirectorySync.Flush(_root);
        }

        File.Move(incomingPath, path, overwrite: true);
        DirectorySync.Flush(folder);
        return Task.CompletedTask;
    }

    public Task<Stream?> OpenAsync(int workspaceId, string sourceId, CancellationToken cancellationToken)
    {
        var path = PathOf(workspaceId, sourceId);
        return Task.FromResult<Stream?>(File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 64 * 1024, FileOptions.Asynchronous)
            : null);
    }

    private string PathOf(int workspaceId, string sourceId) => SourceIds.IsOurs(sourceId)
        ? Path.Combine(_root, workspaceId.ToString(CultureInfo.InvariantCulture), sourceId[..2], sourceId)
        : throw new ArgumentException("Not an id of this store.", nameof(sourceId));
}
