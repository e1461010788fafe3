using FleetManager.Agent.Platform;

namespace FleetManager.Agent.EventStore;

/// <summary>Room on the volume of the store, bytes and files, asked of the operating system at most once a second.</summary>
internal sealed class FreeSpace(string directory, TimeProvider time)
{
    private const long MaxFilesToLeave = 1024;
    private const int ShareOfFiles = 50;
    private const long UsedUp = 256 * 1024;

    private readonly DriveInfo _drive = new(directory);
    private long _askedAt;
    private long _free = -1;
    private long _freeFiles = long.MaxValue;

    /// <summary>Files that every volume must have left: what the journal and its reserve need to make room. Few on a volume that has few.</summary>
    private long _filesToLeave;

    /// <summary>Bytes that this user may still write.</summary>
    public long Available
    {
        get
        {
            AskIfOld();
            return _free;
        }
    }

    /// <summary>Size of the volume.</summary>
    public long Total => _drive.TotalSize;

    /// <summary>Whether that many files more leave the volume the few that it must have left. Some file systems know no such limit.</summary>
    public bool HasFiles(int more)
    {
        AskIfOld();
        return _freeFiles - more >= _filesToLeave;
    }

    /// <summary>Whether not even the journal's own small files have room.</summary>
    public bool IsUsedUp => Available < UsedUp || _freeFiles == 0;

    /// <summary>Counts what is about to be written, or deleted if negative, which the last answer of the operating system does not know.</summary>
    public void Spend(long bytes, int files = 0) => (_free, _freeFiles) = (_free - bytes, _freeFiles - files);

    /// <summary>How full the volume is, 0–100.</summary>
    public double PercentUsed => _drive.TotalSize == 0 ? 0 : 100.0 * (_drive.TotalSize - _drive.AvailableFreeSpace) / _drive.TotalSize;

    private void AskIfOld()
    {
        if (_free >= 0 && time.GetElapsedTime(_askedAt) <= TimeSpan.FromSeconds(1))
        {
            return;
        }

        _free = _drive.AvailableFreeSpace;
        _askedAt = time.GetTimestamp();
        if (FileCount.Of(directory) is var (total, free))
        {
            (_freeFiles, _filesToLeave) = (free, Math.Min(MaxFilesToLeave, total / ShareOfFiles));
        }
    }
}
