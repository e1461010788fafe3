using FleetManager.Agent.Platform;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Sync;

/// <summary>What the backup is doing and how its last requests went. Written by the sync loop, read by the reporter.</summary>
internal sealed class SyncStatus(SyncPhase phase, TimeProvider time)
{
    private readonly Lock _gate = new();
    private SyncPhase _phase = phase;
    private SyncError? _lastError;
    private DateTimeOffset? _lastSuccess;
    private (long Since, TimeSpan Length)? _pause;

    /// <summary>When the device last compared notes with the server; null before the first time.</summary>
    public DateTimeOffset? ReconciledAt { get; private set; }

    /// <summary>Given on every change of the phase.</summary>
    public Signal PhaseChanged { get; } = new();

    /// <summary>All of it, at one instant.</summary>
    public (SyncPhase Phase, SyncError? LastError, DateTimeOffset? LastSuccess, TimeSpan? NextRetry) Snapshot()
    {
        lock (_gate)
        {
            return (_phase, _lastError, _lastSuccess, Left());
        }
    }

    /// <summary>What is left of the pause; zero when there is none.</summary>
    public TimeSpan PauseLeft
    {
        get
        {
            lock (_gate)
            {
                return Left() ?? TimeSpan.Zero;
            }
        }
    }

    public void Reconciled()
    {
        lock (_gate)
        {
            ReconciledAt = time.GetUtcNow();
        }
    }

    public void Enter(SyncPhase phase)
    {
        lock (_gate)
        {
            _pause = null;
            Change(phase);
        }
    }

    /// <summary>Events are about to be sent. After a failure that is only shown once a request has succeeded, so that retries do not flicker.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_phase is not (SyncPhase.Offline or SyncPhase.Backoff or SyncPhase.Unauthorized))
            {
                Change(SyncPhase.Uploading);
            }
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            _lastSuccess = time.GetUtcNow();
            _pause = null;
            Change(SyncPhase.Uploading);
        }
    }

    public void Failed(Failure failure, SyncPhase phase, TimeSpan pause)
    {
        lock (_gate)
        {
            _lastError = new SyncError(failure.Code, failure.Message, time.GetUtcNow());
            _pause = (time.GetTimestamp(), pause);
            Change(phase);
        }
    }

    /// <summary>A failure that stops nothing but what it struck.</summary>
    public void Note(Failure failure)
    {
        lock (_gate)
        {
            _lastError = new SyncError(failure.Code, failure.Message, time.GetUtcNow());
        }
    }

    public void EndPause()
    {
        lock (_gate)
        {
            _pause = null;
        }
    }

    private TimeSpan? Left()
    {
        if (_pause is not var (since, length))
        {
            return null;
        }

        var left = length - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Change(SyncPhase phase)
    {
        if (_phase != phase)
        {
            _phase = phase;
            PhaseChanged.Set();
        }
    }
}
