namespace FleetManager.Agent.Platform;

/// <summary>
/// The server's time, from the <c>Date</c> of its answers, carried on by the monotonic clock: what the device's own clock does in the meantime
/// does not matter.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    // Whole seconds are all that the header tells.
    private static readonly TimeSpan s_half = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private (DateTimeOffset At, long Stamp, TimeSpan Doubt)? _known;

    /// <summary>The server's time now; null until it has answered.</summary>
    public DateTimeOffset? Now
    {
        get
        {
            lock (_gate)
            {
                return _known is var (at, stamp, _) ? at + time.GetElapsedTime(stamp) : null;
            }
        }
    }

    /// <summary>What has to be added to the device's clock to get the server's; null until it has answered.</summary>
    public TimeSpan? Offset => Now - time.GetUtcNow();

    /// <summary>An answer of that date came, so long after its request had been sent.</summary>
    public void Observe(DateTimeOffset date, TimeSpan took)
    {
        var (at, doubt) = (date + s_half + (took / 2), s_half + (took / 2));
        lock (_gate)
        {
            // The least doubtful one stands, until the two can no longer both be true.
            var now = _known is var (before, stamp, _) ? before + time.GetElapsedTime(stamp) : default;
            if (_known is not { } known || doubt < known.Doubt || (at - now).Duration() > doubt + known.Doubt)
            {
                _known = (at, time.GetTimestamp(), doubt);
            }
        }
    }
}
