namespace FleetManager.Agent.Platform;

/// <summary>Wakes one waiter. Signals given while nobody waits are kept as one, so none is missed.</summary>
internal sealed class Signal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _given = New();

    /// <summary>Ends when the signal is given.</summary>
    public Task Given
    {
        get
        {
            lock (_gate)
            {
                return _given.Task;
            }
        }
    }

    public void Set()
    {
        lock (_gate)
        {
            _given.TrySetResult();
        }
    }

    /// <summary>Forgets a signal that was given; call it before looking at what the signal is about.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            if (_given.Task.IsCompleted)
            {
                _given = New();
            }
        }
    }

    /// <summary>Waits for the signal and takes it; false when <paramref name="timeout"/> came first.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Given.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }

        Reset();
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
