using System.Collections.Concurrent;

namespace FleetManager.Server.Live;

/// <summary>What changed, after it was committed: a hint to read again, never the data itself.</summary>
/// <param name="WorkspaceId">Where.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Id">Its public id: a device id, a use case id.</param>
internal readonly record struct Change(int WorkspaceId, ChangeKind Kind, string Id);

/// <summary>What kind of thing changed.</summary>
internal enum ChangeKind
{
    /// <summary>A device: its presence, its sync report, its settings.</summary>
    Device,

    /// <summary>A use case itself.</summary>
    UseCase,

    /// <summary>The events of a use case.</summary>
    Events,

    /// <summary>An API key.</summary>
    ApiKey,
}

/// <summary>
/// In-process publish and subscribe for pages. Publishing never waits: a subscriber is only marked, and its own <see cref="Throttle"/>
/// decides when it runs, so no circuit ever sees the raw rate.
/// </summary>
internal sealed class ChangeFeed(TimeProvider time, ILogger<ChangeFeed> logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();

    /// <summary>For tests: a page that is gone must leave nothing behind.</summary>
    public int Subscribers => _subscriptions.Count;

    public void Publish(Change change)
    {
        foreach (var (subscription, _) in _subscriptions)
        {
            subscription.Offer(change);
        }
    }

    /// <summary>Calls back, at most every 200 ms and always once after the last change, until disposed.</summary>
    public IDisposable Subscribe(Func<Change, bool> filter, Func<Task> callback)
    {
        var subscription = new Subscription(this, filter, new Throttle(s_interval, callback, time, logger));
        _subscriptions[subscription] = 0;
        return subscription;
    }

    private sealed class Subscription(ChangeFeed feed, Func<Change, bool> filter, Throttle throttle) : IDisposable
    {
        public void Offer(Change change)
        {
            if (filter(change))
            {
                throttle.Signal();
            }
        }

        public void Dispose()
        {
            feed._subscriptions.TryRemove(this, out _);
            throttle.Dispose();
        }
    }
}
