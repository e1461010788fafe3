using System.Security.Cryptography;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Images as files named by their content, in 256 folders: <c>images/ab/abcd…</c>. A file is complete or absent. The journal's row comes after
/// the file, so a crash between the two leaves a file that nothing refers to, never a row without its file.
/// </summary>
internal sealed class ImageFiles
{
    private readonly string _root;
    private readonly string _arriving;
    private readonly HashSet<string> _durableFolders = new(StringComparer.Ordinal);
    private long _arrivals;

    public ImageFiles(string root, bool isReadOnly = false)
    {
        _root = root;
        _arriving = Path.Combine(root, "arriving");
        if (isReadOnly)
        {
            return;
        }

        Directory.CreateDirectory(_arriving);
        DurableFile.FlushDirectory(Path.GetDirectoryName(root)!);

        // What a crash left half written; nobody was told that it is stored.
        foreach (var file in Directory.EnumerateFiles(_arriving))
        {
            File.Delete(file);
        }
    }

    private ImageFiles(string root, string arriving) => (_root, _arriving) = (root, arriving);

    /// <summary>Only finds files; somebody else may be writing them.</summary>
    public static ImageFiles ToRead(string root) => new(root, Path.Combine(root, "arriving"));

    public string PathOf(string hash) => Path.Combine(_root, hash[..2], hash);

    /// <summary>Stores an image unless it is there. Its name is durable only after <see cref="Flush"/>.</summary>
    public void Put(NewImage image)
    {
        var path = PathOf(image.Hash);
        if (IsThere(path, image.Content.Span))
        {
            return;
        }

        var arriving = Path.Combine(_arriving, $"{image.Hash}.{Interlocked.Increment(ref _arrivals)}");
        try
        {
            DurableFile.WriteFlushed(arriving, image.Content.Span);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            DurableFile.Rename(arriving, path);
        }
        catch
        {
            // On a full disk each try would leave a piece, until none of the room that comes back is left.
            TryDelete(arriving);
            throw;
        }
    }

    /// <summary>Makes the names of images durable, one flush for each folder. One caller at a time.</summary>
    public void Flush(IEnumerable<string> hashes)
    {
        var folders = hashes.Select(h => h[..2]).Distinct(StringComparer.Ordinal).ToList();
        folders.ForEach(folder => DurableFile.FlushDirectory(Path.Combine(_root, folder)));

        // A folder that is there may never have been flushed itself: another producer has just made it, or a start that was cut short.
        if (folders.Exists(folder => !_durableFolders.Contains(folder)))
        {
            DurableFile.FlushDirectory(_root);
            _durableFolders.UnionWith(folders);
        }
    }

    /// <summary>Deletes an image that nothing refers to. Does not throw: one that stays is left to the sweep.</summary>
    public void Delete(string hash) => TryDelete(PathOf(hash));

    /// <summary>Files of one of the 256 folders that were there before <paramref name="before"/>.</summary>
    public IEnumerable<string> OlderThan(int folder, DateTimeOffset before)
    {
        var path = new DirectoryInfo(Path.Combine(_root, folder.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        return path.Exists ? path.EnumerateFiles().Where(f => f.LastWriteTimeUtc < before.UtcDateTime).Select(f => f.Name) : [];
    }

    /// <summary>Whether the file of an image is what its name says; null when it can not be read.</summary>
    public bool? Matches(string hash)
    {
        try
        {
            using var file = File.OpenRead(PathOf(hash));
            return Convert.ToHexStringLower(SHA256.HashData(file)) == hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A file that is there but damaged is written anew: the producer has just brought what mends it.
    private static bool IsThere(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
