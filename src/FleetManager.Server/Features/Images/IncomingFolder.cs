using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

/// <summary>Where uploads are received, whatever the store: an image has no name before its last byte is hashed.</summary>
internal sealed class IncomingFolder
{
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromHours(1);
    private readonly string _path;

    public IncomingFolder(IOptions<FleetOptions> options, TimeProvider time)
    {
        // In the store's own folder, so that keeping a file is a rename.
        _path = options.Value.PathOf(Path.Combine("images", ".incoming"));
        Directory.CreateDirectory(_path);

        // What a crash left half received. Young files may belong to another server on the same directory.
        foreach (var file in new DirectoryInfo(_path).EnumerateFiles().Where(f => time.GetUtcNow() - f.LastWriteTimeUtc > s_abandonedAfter))
        {
            file.Delete();
        }
    }

    public FileStream Create() =>
        new(Path.Combine(_path, Guid.NewGuid().ToString("n")), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false);
}
