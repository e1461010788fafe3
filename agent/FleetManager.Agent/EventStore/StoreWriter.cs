using System.Threading.Channels;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// The one writer of the journal. It takes whatever waits, puts it into one transaction and answers after the commit: alone, a caller waits
/// for one flush; together, many share it. There is no timer.
/// </summary>
internal sealed partial class StoreWriter : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private static readonly TimeSpan s_mendAgain = TimeSpan.FromMinutes(1);

    // Full: callers wait, which is what holds back producers that are faster than the disk.
    private const int MaxWaiting = 1024;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly StoreTransaction _transaction;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private long? _triedToMendAt;
    private int _diskErrors;

    public StoreWriter(StoreTransaction transaction, ILogger logger, TimeProvider time)
    {
        (_transaction, _logger, _time) = (transaction, logger, time);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>How many transactions were committed, which is how often the disk was flushed for the journal.</summary>
    public long Commits { get; private set; }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns after its commit. Work may run twice when another of its group fails, so it
    /// changes nothing but the transaction.
    /// </summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends the wait for a place in the queue.</param>
    /// <param name="isUpkeep">Whether the reserve is there for it: true for all but what brings new events.</param>
    public Task<T> WriteAsync<T>(Func<StoreTransaction, T> work, CancellationToken cancellationToken, bool isUpkeep = true) =>
        QueueAsync(new Work<T>(work, isUpkeep, isAlone: false), cancellationToken);

    /// <summary>
    /// The same with numbers that were learned before: work may wait behind damage that ends their epoch, after which they mean other events.
    /// Then it is left undone.
    /// </summary>
    public Task<T> WriteAsync<T>(Guid epoch, Func<StoreTransaction, T> work, CancellationToken cancellationToken)
        where T : struct => WriteAsync(t => t.Epoch == epoch ? work(t) : default, cancellationToken);

    /// <summary>Runs <paramref name="work"/> between two transactions: it may replace the journal.</summary>
    public Task<T> RunAloneAsync<T>(Func<StoreTransaction, T> work, CancellationToken cancellationToken) =>
        QueueAsync(new Work<T>(work, isUpkeep: true, isAlone: true), cancellationToken);

    /// <summary>Copies what a reader has found damaged; false when that did not succeed, or was tried a moment ago.</summary>
    public Task<bool> MendAsync(CancellationToken cancellationToken) =>
        QueueAsync(new Work<bool>(_ => TryMend(), isUpkeep: true, isAlone: true), cancellationToken);

    private async Task<T> QueueAsync<T>(Work<T> item, CancellationToken cancellationToken)
    {
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
            if (group.Count > 1)
            {
                // Whoever was just answered may bring the next: then the flush is shared by more. Alone, nobody waits.
                await Task.Yield();
            }

            group.Clear();
            Work? alone = null;
            while (group.Count < MaxGroup && alone is null && _queue.Reader.TryRead(out var work))
            {
                if (work.IsAlone)
                {
                    alone = work;
                }
                else
                {
                    group.Add(work);
                }
            }

            if (group.Count > 0)
            {
                Commit(group);
            }

            if (alone is not null)
            {
                Run(alone);
            }
        }
    }

    /// <summary>Does not throw. Whoever is in the group has his answer afterwards.</summary>
    private void Commit(List<Work> group)
    {
        var failure = Try(group);
        if (DiskFull.Is(failure) && group.TrueForAll(w => w.IsUpkeep))
        {
            _transaction.FreeRoom();
            failure = Try(group);
        }
        else if (Damage.Is(failure) && (!Damage.IsOfDisk(failure) || ++_diskErrors >= Damage.Patience) && TryMend())
        {
            failure = Try(group);
        }

        if (failure is null)
        {
            _diskErrors = 0;
            group.ForEach(w => w.Succeed());
        }
        else if (group.Count == 1)
        {
            // A full disk is told to every producer and in the report; told here for each event as well, it would fill the log's disk.
            if (!DiskFull.Is(failure))
            {
                Log.Failed(_logger, failure);
            }

            group[0].Fail(failure);
        }
        else
        {
            // One of them spoils it for the others.
            group.ForEach(w => Commit([w]));
        }
    }

    private Exception? Try(List<Work> group)
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
            return null;
        }
        catch (Exception e)
        {
            Undo();
            return e;
        }
    }

    private void Undo()
    {
        try
        {
            _transaction.Rollback();
        }
        catch (Exception e)
        {
            Log.RollbackFailed(_logger, e);
        }
    }

    // Not again and again: on a disk that fails more with each look, or has no room for a copy, producers are told so at once.
    private bool TryMend()
    {
        if (_triedToMendAt is { } at && _time.GetElapsedTime(at) < s_mendAgain)
        {
            return false;
        }

        _triedToMendAt = _time.GetTimestamp();
        try
        {
            _transaction.Rebuild(new CopyPlan());
            return true;
        }
        catch (Exception e)
        {
            Log.NotMended(_logger, e);
            return false;
        }
    }

    private void Run(Work work)
    {
        try
        {
            work.Run(_transaction);
            work.Succeed();
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e);
            work.Fail(e);
        }
    }

    private abstract class Work(bool isUpkeep, bool isAlone)
    {
        public bool IsUpkeep => isUpkeep;

        public bool IsAlone => isAlone;

        public abstract void Run(StoreTransaction transaction);

        public abstract void Succeed();

        public abstract void Fail(Exception failure);
    }

    private sealed class Work<T>(Func<StoreTransaction, T> work, bool isUpkeep, bool isAlone) : Work(isUpkeep, isAlone)
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
        [LoggerMessage(100, LogLevel.Error, "A write to the event store failed")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(108, LogLevel.Error, "The damaged event store could not be copied; it is tried again")]
        public static partial void NotMended(ILogger logger, Exception exception);

        [LoggerMessage(101, LogLevel.Error, "A failed transaction could not be undone")]
        public static partial void RollbackFailed(ILogger logger, Exception exception);
    }
}
