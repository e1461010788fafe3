namespace FleetManager.Data;

/// <summary>
/// Turns of those who write much. SQLite has one writer; who finds it at work sleeps and tries again, and beside a busy one that can take
/// seconds. Here they queue instead. On PostgreSQL nobody waits.
/// </summary>
/// <param name="serial">Whether one may write at a time.</param>
public sealed class WriteGate(bool serial) : IDisposable
{
    private readonly SemaphoreSlim? _one = serial ? new SemaphoreSlim(1, 1) : null;

    /// <summary>Waits for a turn, which lasts until the result is disposed.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (_one is not null)
        {
            await _one.WaitAsync(cancellationToken);
        }

        return new Turn(_one);
    }

    /// <inheritdoc cref="EnterAsync"/>
    public IDisposable Enter()
    {
        _one?.Wait();
        return new Turn(_one);
    }

    /// <inheritdoc/>
    public void Dispose() => _one?.Dispose();

    private sealed class Turn(SemaphoreSlim? one) : IDisposable
    {
        public void Dispose() => one?.Release();
    }
}
