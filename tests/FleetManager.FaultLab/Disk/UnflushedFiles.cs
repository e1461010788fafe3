namespace FleetManager.FaultLab.Disk;

/// <summary>What of a folder a power cut would lose: writes, names and folders that were not flushed.</summary>
internal sealed class UnflushedFiles(string root, Random random)
{
    private readonly Dictionary<string, List<Change>> _changes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _deleted = new(StringComparer.Ordinal);
    private readonly List<(string Path, byte[]? Before)> _renamed = [];
    private readonly HashSet<string> _durableFolders = new(Folders(root), StringComparer.Ordinal);

    /// <summary>Bytes of all files now.</summary>
    public long Size => new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Extension != ".db-shm").Sum(f => f.Length);

    public void Add(string path, Change change)
    {
        if (!_changes.TryGetValue(path, out var changes))
        {
            _changes[path] = changes = [];
        }

        changes.Add(change);
    }

    public void Flushed(string path) => _changes.Remove(path);


    public void Deleted(string path, bool durable)
    {
        if (!durable && File.Exists(path) && Read(path) is { } content)
        {
            _deleted[path] = content;
        }

        _changes.Remove(path);
    }

    public void Renamed(string path) => _renamed.Add((path, File.Exists(path) ? Read(path) : null));

    public void FlushedDirectory(string directory)
    {
        _renamed.RemoveAll(r => Path.GetDirectoryName(r.Path) == directory);
        _deleted.Keys.Where(d => Path.GetDirectoryName(d) == directory).ToList().ForEach(d => _deleted.Remove(d));
        _durableFolders.UnionWith(Directory.EnumerateDirectories(directory));
    }

    /// <summary>The power was cut.</summary>
    public void Lose()
    {
        foreach (var (path, changes) in _changes)
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            for (var i = changes.Count - 1; i >= 0; i--)
            {
                changes[i].Undo(file);
            }

            foreach (var change in changes)
            {
                Keep(change)?.Redo(file);
            }
        }

        foreach (var (path, content) in _deleted.Where(d => !File.Exists(d.Key) && random.Next(2) == 0))
        {
            File.WriteAllBytes(path, content);
        }

        for (var i = _renamed.Count - 1; i >= 0; i--)
        {
            Unname(_renamed[i]);
        }

        foreach (var folder in Folders(root).Where(f => !_durableFolders.Contains(f)).ToList())
        {
            if (random.Next(2) == 0 && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        _changes.Clear();
        _deleted.Clear();
        _renamed.Clear();
        _durableFolders.Clear();
        _durableFolders.UnionWith(Folders(root));
    }

    private Change? Keep(Change change) => random.Next(3) switch
    {
        0 => null,
        1 => change,
        _ => change.Torn(random),
    };

    private void Unname((string Path, byte[]? Before) renamed)
    {
        if (random.Next(2) == 0)
        {
            return;
        }

        if (renamed.Before is null)
        {
            File.Delete(renamed.Path);
        }
        else
        {
            File.WriteAllBytes(renamed.Path, renamed.Before);
        }
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private static IEnumerable<string> Folders(string root) =>
        Directory.Exists(root) ? Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [];
}
