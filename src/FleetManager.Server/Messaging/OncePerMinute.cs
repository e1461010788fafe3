using System.Collections.Concurrent;

namespace FleetManager.Server.Messaging;

/// <summary>Keeps one noisy device or address from filling the log: true at most once a minute for each key.</summary>
internal sealed class OncePerMinute<TKey>(TimeProvider time)
    where TKey : notnull
{
    private const int MaxKeys = 10_000;
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<TKey, long> _last = new();

    public bool IsFirst(TKey key)
    {
        var now = time.GetTimestamp();
        if (_last.TryGetValue(key, out var last))
        {
            return time.GetElapsedTime(last, now) >= s_interval && _last.TryUpdate(key, now, last);
        }

        if (_last.Count >= MaxKeys)
        {
            _last.Clear();
        }

        return _last.TryAdd(key, now);
    }
}
