namespace FleetManager.Server.Live;

/// <summary>
/// Runs a callback after a signal: at once when the last run is long enough ago, else when the interval is over, and never two at a
/// time. A signal that arrives during a run causes one more, so the last state is always shown.
/// </summary>
internal sealed partial class Throttle(TimeSpan interval, Func<Task> callback, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    // Captured where the subscriber is made, so that its culture and user are there when the callback runs.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _running;
    private bool _again;

    public void Signal()
    {
        lock (_gate)
        {
            _again = true;
            if (_running || _stop.IsCancellationRequested)
            {
                return;
            }

            _running = true;
        }

        ThreadPool.QueueUserWorkItem(_ =>
        {
            if (_context is null)
            {
                _ = RunAsync();
            }
            else
            {
                ExecutionContext.Run(_context, _ => _ = RunAsync(), null);
            }
        });
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop.Cancel();
        }
    }

    private async Task RunAsync()
    {
        while (TakeSignal())
        {
            try
            {
                await callback();
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                Log.CallbackFailed(logger, fault);
            }

            try
            {
                await Task.Delay(interval, time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool TakeSignal()
    {
        lock (_gate)
        {
            _running = _again && !_stop.IsCancellationRequested;
            _again = false;
            return _running;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "A live page could not refresh")]
        public static partial void CallbackFailed(ILogger logger, Exception fault);
    }
}
