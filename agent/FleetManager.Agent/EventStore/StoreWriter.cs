using System.Threading.Channels;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// The one writer of the journal. It takes whatever waits, puts it into one transaction and answers after the commit: alone, a caller waits
/// for one flush; together, many share it. There is no timer.
/// </summary>
internal sealed partial class StoreWriter : IAsyncDisposable
{
    private const int MaxGroup = 256;

    // Full: callers wait, which is what holds back producers that are faster than the disk.
    private const int MaxWaiting = 1024;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly StoreTransaction _transaction;
    private readonly ILogger _logger;
    private readonly Task _loop;

    public StoreWriter(StoreTransaction transaction, ILogger logger)
    {
        _transaction = transaction;
        _logger = logger;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>How many transactions were committed, which is how often the disk was flushed for the journal.</summary>
    public long Commits { get; private set; }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns after its commit. Work may run twice when another of its group fails, so it
    /// changes nothing but the transaction.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<StoreTransaction, T> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreFailedException("the event store is closed", e);
        }

        // Once queued it will be done, so waiting on is the only way to tell the truth.
        return await item.Done;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _transaction.Dispose();
    }

    private async Task LoopAsync()
    {
        var group = new List<Work>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var work))
            {
                group.Add(work);
            }

            if (!TryCommit(group) && group.Count > 1)
            {
                foreach (var alone in group)
                {
                    TryCommit([alone]);
                }
            }
        }
    }

    /// <summary>Does not throw. A failed group of one answers with the failure; a larger one is answered by nobody yet.</summary>
    private bool TryCommit(List<Work> group)
    {
        try
        {
            _transaction.Begin();
            foreach (var work in group)
            {
                work.Run(_transaction);
            }

            _transaction.Commit();
            Commits++;
        }
        catch (Exception e)
        {
            // A full disk is told to every producer and in the report; told here for each event as well, it would fill the log's disk.
            if (!DiskFull.Is(e))
            {
                Log.Failed(_logger, group.Count, e);
            }

            Undo(e, group);
            return false;
        }

        foreach (var work in group)
        {
            work.Succeed();
        }

        return true;
    }

    private void Undo(Exception failure, List<Work> group)
    {
        try
        {
            _transaction.Rollback();
        }
        catch (Exception e)
        {
            Log.RollbackFailed(_logger, e);
        }

        if (group.Count == 1)
        {
            group[0].Fail(failure);
        }
    }

    private abstract class Work
    {
        public abstract void Run(StoreTransaction transaction);

        public abstract void Succeed();

        public abstract void Fail(Exception failure);
    }

    private sealed class Work<T>(Func<StoreTransaction, T> work) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Done => _done.Task;

        public override void Run(StoreTransaction transaction) => _result = work(transaction);

        public override void Succeed() => _done.TrySetResult(_result);

        public override void Fail(Exception failure) => _done.TrySetException(new StoreFailedException($"the event store can not write: {failure.Message}", failure));
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "A transaction of {Count} writes failed")]
        public static partial void Failed(ILogger logger, int count, Exception exception);

        [LoggerMessage(101, LogLevel.Error, "A failed transaction could not be undone")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);
    }
}
