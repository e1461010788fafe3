namespace FleetManager.Agent.Platform;

/// <summary>The agent's directory: identity, settings, and the event store. Only its owner may enter.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Root = path;
        _lock = @lock;
    }

    public string Root { get; }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Takes the directory for this process; the operating system lets go of it however the process ends.</summary>
    public static DataDirectory Take(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
                File.SetUnixFileMode(path, OwnerOnly);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"the data directory {path} can not be written ({e.Message}): choose another with --data-dir or FLEET_AGENT_DATA_DIR, or give this user the right to write it", e);
        }

        var lockFile = Path.Combine(path, "agent.lock");
        try
        {
            return new DataDirectory(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new AgentFault($"the data directory {path} can not be written ({e.Message}): choose another with --data-dir or FLEET_AGENT_DATA_DIR, or give this user the right to write it", e);
        }
        catch (IOException e) when (File.Exists(lockFile))
        {
            throw new AgentFault($"another fleet-agent works in the data directory {path}: stop it first, or choose another directory with --data-dir", e);
        }
        catch (IOException e)
        {
            throw new AgentFault($"the data directory {path} can not be written ({e.Message}): choose another with --data-dir or FLEET_AGENT_DATA_DIR", e);
        }
    }

    /// <summary>True while some process has taken the directory.</summary>
    public static bool IsTaken(string path)
    {
        try
        {
            using var probe = new FileStream(Path.Combine(path, "agent.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _lock.Dispose();
}
