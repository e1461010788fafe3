namespace FleetManager.Agent.Sync;

/// <summary>
/// Whether bodies are worth packing: below about 100 Mbit/s the time saved on the link is more than the time spent on packing. The link is
/// taken to be as fast as the best of the latest requests, for all that slows a request down besides the link only hides its speed.
/// </summary>
internal sealed class LinkSpeed
{
    private const double FastBytesPerSecond = 100e6 / 8;
    private const double Forgetting = 0.9;

    // Smaller bodies tell the time of a round trip, and are hardly smaller when they are packed.
    private const long LeastBytes = 8 * 1024;

    // Packed bodies are small and so look slow; a plain one tells when the link has become faster.
    private const int ProbeEvery = 32;

    private readonly Lock _gate = new();
    private double? _best;
    private int _packed;

    /// <summary>Whether to pack a body of that length; <paramref name="cap"/> is the cap of the settings in bytes a second, 0 for none.</summary>
    public bool ShouldPack(long bytes, long cap)
    {
        if (bytes < LeastBytes)
        {
            return false;
        }

        if (cap is > 0 and < (long)FastBytesPerSecond)
        {
            return true;
        }

        lock (_gate)
        {
            return _best < FastBytesPerSecond && ++_packed % ProbeEvery != 0;
        }
    }

    /// <summary>So many bytes went up in a request that took so long.</summary>
    public void Observe(long bytes, TimeSpan took)
    {
        if (bytes < LeastBytes || took <= TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            _best = Math.Max((_best ?? 0) * Forgetting, bytes / took.TotalSeconds);
        }
    }
}
