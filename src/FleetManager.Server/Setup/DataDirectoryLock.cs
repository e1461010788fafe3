using Microsoft.Extensions.Options;

namespace FleetManager.Server.Setup;

/// <summary>
/// One server per data directory with a SQLite database: each keeps sessions and caches in memory, so a second one would save settings that no
/// device is told, and call every device of the first unknown. Held by the system, so a crash leaves nothing behind. Servers that share a
/// PostgreSQL database may share the directory too.
/// </summary>
internal sealed class DataDirectoryLock(IOptions<FleetOptions> options) : IDisposable
{
    private FileStream? _held;

    public void Take()
    {
        if (options.Value.Database.Provider != "Sqlite")
        {
            return;
        }

        try
        {
            _held = new FileStream(options.Value.PathOf("server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            var directory = Path.GetFullPath(options.Value.DataDirectory);
            throw new StartFault($"Fleet:DataDirectory ({directory}) is in use by another server: stop that one, or set another directory.", fault);
        }
    }

    public void Dispose() => _held?.Dispose();
}
