using System.Collections.Concurrent;
using System.Net;

namespace FleetManager.Server.Features.Keys;

/// <summary>
/// Slows down whoever guesses secrets: counts failures per address in windows of a minute. Successes count nothing, so many honest
/// devices behind one address are not held up by their number.
/// </summary>
internal sealed class FailureLimit(int perMinute, TimeProvider time)
{
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IPAddress, Window> _windows = new();

    /// <summary>How long the address must wait; zero when it may try.</summary>
    public TimeSpan Wait(IPAddress? address)
    {
        if (address is null || !_windows.TryGetValue(address, out var window) || window.Failures < perMinute)
        {
            return TimeSpan.Zero;
        }

        var left = s_window - time.GetElapsedTime(window.Start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void Note(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        // An attacker with many addresses must not fill memory; forgetting all is fair to everybody.
        if (_windows.Count >= MaxAddresses)
        {
            _windows.Clear();
        }

        _windows.AddOrUpdate(
            address,
            _ => new Window(time.GetTimestamp(), 1),
            (_, w) => time.GetElapsedTime(w.Start) > s_window ? new Window(time.GetTimestamp(), 1) : w with { Failures = w.Failures + 1 });
    }

    private readonly record struct Window(long Start, int Failures);
}
