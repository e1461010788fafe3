namespace FleetManager.Agent.EventStore;

/// <summary>
/// How long the store has lived, in ms: the time by which events grow old. It runs with the monotonic clock, so no jump of the wall clock,
/// be it a start in 1970 or a leap of years, makes an event older than it is. Only for the time between two starts the wall clock is asked,
/// and believed if it says something plausible; otherwise that time does not count, which keeps events longer, never shorter.
/// </summary>
internal sealed class StoreAge(TimeProvider time)
{
    private static readonly long s_plausible = (long)TimeSpan.FromDays(31).TotalMilliseconds;

    private long _start;
    private long _startedAt = time.GetTimestamp();

    public long Now => _start + (long)time.GetElapsedTime(_startedAt).TotalMilliseconds;

    public long Wall => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Goes on from the age that was noted when the wall clock showed <paramref name="wall"/>.</summary>
    public void GoOnFrom(long age, long wall)
    {
        var off = Wall - wall;
        _start = age + (wall > 0 && off > 0 && off <= s_plausible ? off : 0);
        _startedAt = time.GetTimestamp();
    }
}
