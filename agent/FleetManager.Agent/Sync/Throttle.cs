namespace FleetManager.Agent.Sync;

/// <summary>Holds the bytes sent to the cap of the settings, averaged over a second; 0 is no cap.</summary>
internal sealed class Throttle(Func<long> bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _available;
    private long _countedAt = time.GetTimestamp();

    /// <summary>Whether there is no cap.</summary>
    public bool IsOff => bytesPerSecond() == 0;

    /// <summary>Waits until that many bytes may go.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        var wait = Reserve(bytes, bytesPerSecond());
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private TimeSpan Reserve(int bytes, long rate)
    {
        if (rate == 0)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            _available = Math.Min(rate, _available + (time.GetElapsedTime(_countedAt, now).TotalSeconds * rate)) - bytes;
            _countedAt = now;
            return _available >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_available / rate);
        }
    }
}
