namespace FleetManager.Agent.EventStore;

/// <summary>
/// What was set aside for a person to look at: a damaged journal, or the copy that was made before an upgrade. One of each, for a week, and
/// only while the volume has room for it.
/// </summary>
internal sealed class Aside(string folder, TimeProvider time)
{
    public const string Damaged = "damaged";
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(7);

    private readonly string _root = Path.Combine(folder, "aside");

    /// <summary>An empty folder of that name.</summary>
    public string Make(string name)
    {
        var path = Path.Combine(_root, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return Directory.CreateDirectory(path).FullName;
    }

    /// <summary>Does not throw: what can not be deleted now is tried again.</summary>
    public void Tend(bool isShort)
    {
        if (!Directory.Exists(_root))
        {
            return;
        }

        var before = time.GetUtcNow().UtcDateTime - s_kept;
        foreach (var kept in new DirectoryInfo(_root).EnumerateDirectories().Where(d => isShort || d.LastWriteTimeUtc < before))
        {
            try
            {
                kept.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }
}
