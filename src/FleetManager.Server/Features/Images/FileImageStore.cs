using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

/// <summary>Images as files: <c>images/WORKSPACE/yyyyMMdd/HH/ID</c> in the data directory. A file appears under its name only when it is whole and on disk.</summary>
internal sealed class FileImageStore(IOptions<FleetOptions> options) : IImageStore
{
    private const int MadeLimit = 1000;
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly string _root = options.Value.PathOf("images");

    // All uploads of an hour go to one folder, so those that wait for its flush share it.
    private readonly GroupCommit<string, bool> _folders = new(folders =>
    {
        foreach (var folder in folders.Distinct(StringComparer.Ordinal))
        {
            DirectorySync.Flush(folder);
        }

        return Task.FromResult<IReadOnlyList<bool>>([.. folders.Select(_ => true)]);
    });

    /// <summary>That the folder can be written was seen when the data directory was made.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task KeepAsync(string incomingPath, ImageKey key, CancellationToken cancellationToken)
    {
        using (var file = File.OpenHandle(incomingPath, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        var path = PathOf(key);
        var folder = Path.GetDirectoryName(path)!;
        Make(folder);
        File.Move(incomingPath, path, overwrite: true);
        await _folders.AddAsync(folder);
    }

    public Task<bool> ExistsAsync(ImageKey key, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(key)));

    public Task<Stream?> OpenAsync(ImageKey key, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(
                new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 64 * 1024, FileOptions.Asynchronous));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(ImageKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        try
        {
            File.Delete(path);
            var hour = Path.GetDirectoryName(path)!;
            Directory.Delete(hour);
            Directory.Delete(Path.GetDirectoryName(hour)!);
        }
        catch (IOException) when (!File.Exists(path))
        {
            // Others are still in the folder, or it went before.
        }

        return Task.CompletedTask;
    }

    /// <summary>Makes a folder and its parents, each of which must be found again after a power cut; whoever comes second waits for that.</summary>
    private void Make(string folder)
    {
        lock (_made)
        {
            if (_made.Contains(folder) && Directory.Exists(folder))
            {
                return;
            }

            Directory.CreateDirectory(folder);
            for (var parent = folder; parent.Length > _root.Length;)
            {
                parent = Path.GetDirectoryName(parent)!;
                DirectorySync.Flush(parent);
            }

            if (_made.Count == MadeLimit)
            {
                _made.Clear();
            }

            _made.Add(folder);
        }
    }

    private string PathOf(ImageKey key) => Path.Combine(_root, key.Path);
}
