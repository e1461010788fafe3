using System.Diagnostics;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Admits requests to the server: as many at once as it bears, and never more than the settings allow. The limit grows by about one with every
/// round of answers and halves when the server or the network pushes back, so that a fleet that comes back finds the server's pace by itself.
/// </summary>
internal sealed class RequestGate(Func<int> most)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private double _limit = double.MaxValue;
    private int _underWay;

    /// <summary>Requests that may be under way now.</summary>
    public int Limit
    {
        get
        {
            lock (_gate)
            {
                return Current();
            }
        }
    }

    /// <summary>Waits for a turn; each is ended with <see cref="Exit"/>.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _underWay < Current())
            {
                _underWay++;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        await using var registration = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
    }

    /// <param name="answered">Whether the server answered as it should, which is what lets the limit grow.</param>
    public void Exit(bool answered)
    {
        lock (_gate)
        {
            _underWay--;
            Debug.Assert(_underWay >= 0);
            if (answered && _limit < most())
            {
                _limit += 1 / _limit;
            }

            while (_underWay < Current() && _waiting.TryDequeue(out var next))
            {
                // One whose caller went away takes no turn.
                _underWay += next.TrySetResult() ? 1 : 0;
            }
        }
    }

    /// <summary>The server, or the way to it, had too much. Called once for what may be several failures at a time.</summary>
    public void BackOff()
    {
        lock (_gate)
        {
            _limit = Math.Max(1, Math.Min(_limit, most()) / 2);
        }
    }

    private int Current() => (int)Math.Clamp(_limit, 1, most());
}
