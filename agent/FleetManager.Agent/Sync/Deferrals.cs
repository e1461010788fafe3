using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Events that the server could not take just now, though it took others: they stay leased until it is time to try them again, each later
/// than the last time. Forgotten at a restart, which only means that they are tried at once.
/// </summary>
internal sealed class Deferrals(DeviceStore store, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Backoff> _backoffs = [];
    private readonly Dictionary<long, (long Since, TimeSpan Length)> _waiting = [];
    private Guid _epoch;

    public void Add(Guid epoch, IReadOnlyCollection<long> numbers)
    {
        lock (_gate)
        {
            if (_epoch != epoch)
            {
                _epoch = epoch;
                _backoffs.Clear();
                _waiting.Clear();
            }

            foreach (var seq in numbers)
            {
                if (!_backoffs.TryGetValue(seq, out var backoff))
                {
                    _backoffs[seq] = backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
                }

                _waiting[seq] = (time.GetTimestamp(), backoff.Next());
            }
        }
    }

    /// <summary>Time until one that waits is due, infinite when none waits.</summary>
    public TimeSpan NextDue
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, _waiting.Values.Min(Left).Ticks));
            }
        }
    }

    /// <summary>Gives back what is due, to be sent; who calls this sends.</summary>
    public void ReleaseDue()
    {
        lock (_gate)
        {
            var due = _waiting.Where(w => Left(w.Value) <= TimeSpan.Zero).Select(w => w.Key).ToList();
            due.ForEach(seq => _waiting.Remove(seq));
            store.Release(_epoch, due);
        }
    }

    /// <summary>Forgets events that are through.</summary>
    public void Forget(IEnumerable<long> numbers)
    {
        lock (_gate)
        {
            if (_backoffs.Count > 0)
            {
                foreach (var seq in numbers)
                {
                    _backoffs.Remove(seq);
                }
            }
        }
    }

    private TimeSpan Left((long Since, TimeSpan Length) wait) => wait.Length - time.GetElapsedTime(wait.Since);
}
