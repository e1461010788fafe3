using FleetManager.Contracts.Events;

namespace FleetManager.Agent.EventStore;

/// <summary>What the local API asks of the store beyond taking events.</summary>
internal sealed partial class DeviceStore
{
    private readonly SemaphoreSlim _cleaning = new(1);

    /// <summary>What bounds the store now.</summary>
    public StorePolicy Policy => _policy();

    /// <summary>How full the store was over the last two weeks.</summary>
    public UsageHistory Usage { get; }

    /// <summary>What the last clean-up that found something did; null when none has since the start.</summary>
    public CleanUpReport? LastCleanUp { get; private set; }

    /// <summary>Room on the volume, bytes.</summary>
    public long FreeDiskBytes => _disk.Available;

    public DateTimeOffset? OldestDraftAt => Read(r => r.OldestDraft());

    /// <summary>An event or a draft; null when there is none of that id.</summary>
    public FoundEvent? Find(string id) =>
        Read(r => r.Find(id)) is { } found ? new FoundEvent(found, found.Seq == 0 ? EventStatus.Draft : _finder.StatusOf(found.Seq)) : null;

    /// <summary>Events below a number that pass a filter, newest first.</summary>
    public EventPage Find(EventFilter filter, long below, int limit, CancellationToken cancellationToken) => Mended(() => _finder.Find(filter, below, limit, cancellationToken));

    public long Count(EventFilter filter, CancellationToken cancellationToken) => Mended(() => _finder.Count(filter, cancellationToken));

    /// <summary>Drafts behind one, oldest first.</summary>
    public IReadOnlyList<NumberedEvent> Drafts(long afterTime, string afterId, int limit) => Read(r => r.Drafts(afterTime, afterId, limit));

    /// <summary>Parked events of one code, or all, behind a number.</summary>
    public IReadOnlyList<ParkedEvent> Parked(string? code, long after, int limit) => Read(r => r.Parked(code, after, limit));

    /// <summary>Stores events of the cloud's API: all of them, or none.</summary>
    public async Task<AcceptResult> AcceptAsync(IReadOnlyList<CloudArrival> arrivals, CancellationToken cancellationToken)
    {
        var policy = _policy();
        var result = await AcceptAsync(t => t.AcceptNamed(arrivals, policy), arrivals.Sum(a => a.Event.OwnBytes), cancellationToken);
        if (result == AcceptResult.Accepted)
        {
            Arrived?.Invoke();
        }

        return result;
    }

    /// <summary>Keeps an image that events will show; its source id is its hash.</summary>
    public Task<AcceptResult> UploadAsync(NewImage image, CancellationToken cancellationToken)
    {
        var policy = _policy();
        return AcceptAsync(t => t.Upload(image, policy), image.Content.Length, cancellationToken);
    }

    /// <summary>Adds images to a draft.</summary>
    public async Task<AttachResult> AttachAsync(string id, byte[] images, IReadOnlyList<NewImage> pictures, CancellationToken cancellationToken)
    {
        var policy = _policy();
        var (result, count) = (AttachResult.Full, StoredImages.Count(images));
        await AcceptAsync(
            t => (result = t.Attach(id, images, pictures, count, EventLimits.Images, policy)) == AttachResult.Full ? AcceptResult.Full : AcceptResult.Accepted,
            images.Length + pictures.Sum(p => (long)p.Content.Length),
            cancellationToken);
        return result;
    }

    /// <summary>Deletes an event or a draft; one that the server does not hold is declared lost.</summary>
    public async Task<DeleteResult> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var result = await _writer.WriteAsync(t => t.Delete(id), cancellationToken);
        AfterDeletion(result is DeleteResult.Lost);
        return result;
    }

    /// <summary>Deletes parked events of one code, or all, and declares them lost; returns how many.</summary>
    public async Task<long> DiscardParkedAsync(string? code, CancellationToken cancellationToken)
    {
        var (all, slice) = (0L, 0);
        do
        {
            slice = await _writer.WriteAsync(t => t.DiscardParked(code), cancellationToken);
            all += slice;
        }
        while (slice > 0);
        AfterDeletion(all > 0);
        return all;
    }

    /// <summary>The same with parked events by their ids; returns those that are not parked.</summary>
    public async Task<IReadOnlyList<string>> DiscardParkedAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var unknown = await _writer.WriteAsync(t => ids.Where(id => !t.DiscardParkedOne(id)).ToList(), cancellationToken);
        AfterDeletion(unknown.Count < ids.Count);
        return unknown;
    }

    /// <summary>Makes parked events pending again; returns the ids that are not parked.</summary>
    public async Task<IReadOnlyList<string>> RetryParkedAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var unknown = await _writer.WriteAsync(t => ids.Where(id => !t.UnparkOne(id)).ToList(), cancellationToken);
        Arrived?.Invoke();
        return unknown;
    }

    /// <summary>Trims the store and says what that did.</summary>
    public async Task<CleanUpReport> CleanUpAsync(CancellationToken cancellationToken)
    {
        await _cleaning.WaitAsync(cancellationToken);
        try
        {
            var (before, lostBefore) = Counters();
            await TrimAsync(cancellationToken);
            while (await _writer.WriteAsync(t => t.ForgetUploads(), cancellationToken) > 0)
            {
            }

            // Each number issued meanwhile added a record, so the rest of the difference was deleted.
            var (after, lostAfter) = Counters();
            var report = new CleanUpReport(
                _time.GetUtcNow(), before.Records + (after.LastSeq - before.LastSeq) - after.Records, Math.Max(0, before.Bytes - after.Bytes), lostAfter - lostBefore);
            LastCleanUp = report.DeletedRecords > 0 ? report : LastCleanUp ?? report;
            return report;
        }
        finally
        {
            _cleaning.Release();
        }
    }

    private async Task<AcceptResult> AcceptAsync(Func<StoreTransaction, AcceptResult> work, long bytes, CancellationToken cancellationToken)
    {
        AcceptResult result;
        try
        {
            result = await _writer.WriteAsync(work, cancellationToken, isUpkeep: false);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            result = AcceptResult.Full;
        }

        _capacity.Record(result, bytes);
        return result;
    }

    private (StoreTotals Totals, long Lost) Counters()
    {
        lock (_state.Gate)
        {
            return (_state.Totals, _state.Gone.Count - _state.Held.Count);
        }
    }

    // A loss is told to the server by the sync, which looks when something arrives.
    private void AfterDeletion(bool isLoss)
    {
        RefreshCapacity();
        if (isLoss)
        {
            Arrived?.Invoke();
        }
    }
}

/// <summary>What a clean-up did.</summary>
/// <param name="At">When it ended.</param>
/// <param name="DeletedRecords">Events that it deleted.</param>
/// <param name="FreedBytes">By how much the store shrank meanwhile.</param>
/// <param name="DeclaredLost">Those of them that the server did not hold.</param>
internal sealed record CleanUpReport(DateTimeOffset At, long DeletedRecords, long FreedBytes, long DeclaredLost);
