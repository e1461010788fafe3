namespace FleetManager.Agent.Sync;

/// <summary>Why the sync loop should look again.</summary>
[Flags]
internal enum WakeReason
{
    None = 0,

    /// <summary>There are new events.</summary>
    Work = 1,

    /// <summary>The settings changed.</summary>
    Settings = 2,

    /// <summary>The server can be reached again.</summary>
    Network = 4,
}

/// <summary>Reasons are kept until somebody waits for them, so none is missed between two waits.</summary>
internal sealed class WakeUp
{
    private readonly Lock _gate = new();
    private WakeReason _given;
    private (WakeReason Mask, TaskCompletionSource Source)? _waiter;

    public void Give(WakeReason reason)
    {
        lock (_gate)
        {
            _given |= reason;
            if (_waiter is var (mask, source) && (mask & _given) != 0)
            {
                source.TrySetResult();
            }
        }
    }

    /// <summary>Ends when one of the reasons is given; it stays given. One waiter at a time.</summary>
    public Task Given(WakeReason mask)
    {
        lock (_gate)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiter = (mask, source);
            if ((mask & _given) != 0)
            {
                source.TrySetResult();
            }

            return source.Task;
        }
    }

    /// <summary>Takes the reasons of the mask that were given.</summary>
    public WakeReason Take(WakeReason mask)
    {
        lock (_gate)
        {
            var taken = _given & mask;
            _given &= ~mask;
            return taken;
        }
    }

    /// <summary>Waits for one of the reasons and takes it; <see cref="WakeReason.None"/> when <paramref name="timeout"/> came first.</summary>
    public async Task<WakeReason> WaitAsync(WakeReason mask, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Given(mask).WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return WakeReason.None;
        }

        return Take(mask);
    }
}
