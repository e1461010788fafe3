using System.Collections.Concurrent;
using System.Net;

namespace FleetManager.Server.Features.Keys;

/// <summary>
/// Slows down whoever sends wrong secrets, and nobody else: a secret is looked at first and only failures are counted, in windows of a minute per
/// address. A good one passes, however many misconfigured devices share its address (decision 41).
/// </summary>
internal sealed class FailureLimit(int perMinute, TimeProvider time)
{
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IPAddress, Window> _windows = new();

    /// <summary>Counts a failure; how long its sender should wait before the next try, zero while the address has few.</summary>
    public TimeSpan Note(IPAddress? address)
    {
        if (address is null)
        {
            return TimeSpan.Zero;
        }

        // An attacker with many addresses must not fill memory; forgetting all is fair to everybody.
        if (_windows.Count >= MaxAddresses)
        {
            _windows.Clear();
        }

        var window = _windows.AddOrUpdate(
            address,
            _ => new Window(time.GetTimestamp(), 1),
            (_, w) => time.GetElapsedTime(w.Start) >= s_window ? new Window(time.GetTimestamp(), 1) : w with { Failures = w.Failures + 1 });
        return window.Failures > perMinute ? s_window - time.GetElapsedTime(window.Start) : TimeSpan.Zero;
    }

    private readonly record struct Window(long Start, int Failures);
}
