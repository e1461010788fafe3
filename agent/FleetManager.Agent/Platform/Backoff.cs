using System.Security.Cryptography;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Delays between tries, with full jitter: each is drawn evenly from zero to a ceiling that doubles with every failure. A fleet that lost
/// its server at one instant thus comes back spread over the whole ceiling, not in waves.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan cap)
{
    private static readonly TimeSpan s_floor = TimeSpan.FromMilliseconds(50);
    private int _failures;

    /// <summary>Draws a number from zero to below a bound; the fault lab draws from its seed, so that a run can be repeated.</summary>
    public static Func<int, int> Draw { get; set; } = RandomNumberGenerator.GetInt32;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(cap.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)));
        var drawn = TimeSpan.FromMilliseconds(Draw(Math.Max(1, (int)ceiling)));
        return drawn < s_floor ? s_floor : drawn;
    }

    public void Reset() => _failures = 0;
}
