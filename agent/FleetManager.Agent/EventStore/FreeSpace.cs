namespace FleetManager.Agent.EventStore;

/// <summary>Room on the volume of the store, asked of the operating system at most once a second.</summary>
internal sealed class FreeSpace(string directory, TimeProvider time)
{
    private readonly DriveInfo _drive = new(directory);
    private long _askedAt;
    private long _free = -1;

    /// <summary>Bytes that this user may still write.</summary>
    public long Available
    {
        get
        {
            if (_free < 0 || time.GetElapsedTime(_askedAt) > TimeSpan.FromSeconds(1))
            {
                Ask();
            }

            return _free;
        }
    }

    /// <summary>Counts what is about to be written, or deleted if negative, which the last answer of the operating system does not know.</summary>
    public void Spend(long bytes) => _free -= bytes;

    /// <summary>How full the volume is, 0–100.</summary>
    public double PercentUsed => _drive.TotalSize == 0 ? 0 : 100.0 * (_drive.TotalSize - _drive.AvailableFreeSpace) / _drive.TotalSize;

    private void Ask()
    {
        _free = _drive.AvailableFreeSpace;
        _askedAt = time.GetTimestamp();
    }
}
