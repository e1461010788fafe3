namespace FleetManager.Agent.Sync;

/// <summary>How fast a counter grows, smoothed over about a quarter of a minute.</summary>
internal sealed class RateMeter
{
    private const double SmoothingSeconds = 15;
    private long? _last;

    public double PerSecond { get; private set; }

    public void Observe(long count, double elapsedSeconds)
    {
        if (_last is { } last && elapsedSeconds > 0)
        {
            var weight = 1 - Math.Exp(-elapsedSeconds / SmoothingSeconds);
            PerSecond += weight * ((Math.Max(0, count - last) / elapsedSeconds) - PerSecond);
            PerSecond = PerSecond < 0.01 ? 0 : PerSecond;
        }

        _last = count;
    }
}
