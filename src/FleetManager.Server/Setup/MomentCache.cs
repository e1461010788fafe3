using System.Collections.Concurrent;

namespace FleetManager.Server.Setup;

/// <summary>
/// Keeps what the database answered for a moment. Of the callers who lack an answer one asks, and the others wait for it. Past half its time an
/// answer is asked for anew, while all go on with the old one: a busy key never waits. Nobody ever gets an answer whose question was put
/// <paramref name="keepFor"/> or longer before theirs, however slow the database is (decision 90).
/// </summary>
internal sealed class MomentCache<TKey, TValue>(TimeSpan keepFor, TimeProvider time)
    where TKey : notnull
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<TKey, Look> _looks = new();

    /// <summary>A caller who gives up takes nobody along; a look that fails is told to all who wait for it, and is not kept.</summary>
    public Task<TValue> GetAsync(TKey key, Func<TKey, Task<TValue>> find, CancellationToken cancellationToken)
    {
        var look = _looks.GetValueOrDefault(key);
        if (look is null || time.GetElapsedTime(look.At) >= (look.Answer.IsCompleted ? keepFor / 2 : keepFor))
        {
            look = Begin(key, look, find);
        }

        var answer = look.Before is { } before && !look.Answer.IsCompleted && time.GetElapsedTime(before.At) < keepFor ? before.Answer : look.Answer;
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>To be called after a change was committed: whoever comes now gets what was asked for later.</summary>
    public void Forget() => _looks.Clear();

    private Look Begin(TKey key, Look? last, Func<TKey, Task<TValue>> find)
    {
        // Senders can make up keys without end, and they must not fill memory: past the limit everything is forgotten.
        if (_looks.Count >= Capacity)
        {
            _looks.Clear();
        }

        // In the dictionary before it asks: so a change that is committed meanwhile takes it out again. Its time counts from before it asks.
        var first = new Look(time.GetTimestamp(), null);
        var next = new Look(first.At, last is { Answer.IsCompletedSuccessfully: true } ? last : null);
        var begun = _looks.AddOrUpdate(key, first, (_, there) => ReferenceEquals(there, last) ? next : there);
        if (ReferenceEquals(begun, first) || ReferenceEquals(begun, next))
        {
            _ = FindAsync(key, begun, find);
        }

        return begun;
    }

    private async Task FindAsync(TKey key, Look look, Func<TKey, Task<TValue>> find)
    {
        try
        {
            // On the pool: what others wait for must not hang on the circuit of a page that asked first.
            look.Found.SetResult(await Task.Run(() => find(key)).ConfigureAwait(false));
            look.Before = null;
        }
        catch (Exception fault)
        {
            // Goes to everybody who waits; whoever comes next asks again.
            _looks.TryRemove(KeyValuePair.Create(key, look));
            look.Found.SetException(fault);
        }
    }

    /// <param name="at">When it began.</param>
    /// <param name="before">The answer that it is to replace, to go on with meanwhile.</param>
    private sealed class Look(long at, Look? before)
    {
        public long At => at;

        public Look? Before { get; set; } = before;

        public TaskCompletionSource<TValue> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TValue> Answer => Found.Task;
    }
}
