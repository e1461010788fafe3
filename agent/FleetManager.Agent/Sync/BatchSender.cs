using System.Collections.Concurrent;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Sends leased events: their pictures first, then a batch, then writes down what became of each. Whatever happens in between, an event that
/// is not settled is pending, and sending it again changes nothing on the server.
/// </summary>
internal sealed class BatchSender(
    DeviceStore store, ImageUploader images, BackupRoutes routes, RequestGate gate, SyncStatus status, Deferrals deferrals, EventClock clock, string ownDevice)
{
    public const string UseCaseMissing = "use_case_missing";

    // A halving of 100 ends with the culprit alone after 7 failures; when this many found nothing that the server takes, it is the server.
    private const int MostFailures = 12;

    // Events in whose company, or by themselves (true), requests made the server fail. Few: they are forgotten when they are through.
    private readonly ConcurrentDictionary<long, bool> _suspects = new();

    /// <summary>Returns why the server could not be used; null when it answered for each event.</summary>
    public async Task<Failure?> SendAsync(Lease lease, BackupSettings backup, CancellationToken cancellationToken)
    {
        var batch = new Batch(backup, lease.Epoch);
        try
        {
            var failure = await SendAsync(lease.Events, batch, cancellationToken);
            await store.SettleAsync(batch.Settlement, cancellationToken);
            Forget(batch.Settlement);
            return failure;
        }
        finally
        {
            deferrals.Add(lease.Epoch, batch.Deferred);
            store.Release(lease.Epoch, lease.Events.Select(e => e.Seq).Except(batch.Deferred));
        }
    }

    private async Task<Failure?> SendAsync(IReadOnlyList<NumberedEvent> events, Batch batch, CancellationToken cancellationToken)
    {
        var addressed = new List<NumberedEvent>(events.Count);
        foreach (var numbered in events)
        {
            if ((numbered.Event.UseCase ?? batch.Backup.DefaultUseCaseId) is null)
            {
                batch.Park(numbered.Seq, UseCaseMissing, "the event names no use case and visionEventsBackup.defaultUseCaseId is not set");
            }
            else
            {
                addressed.Add(numbered);
            }
        }

        var ready = await UploadAsync(addressed, batch, cancellationToken);
        if (batch.Interrupted is { } interrupted)
        {
            return interrupted;
        }

        // Those that made the server fail by themselves take nobody along.
        var alone = _suspects.IsEmpty ? [] : ready.FindAll(e => _suspects.GetValueOrDefault(e.Seq));
        var together = alone.Count == 0 ? ready : [.. ready.Except(alone)];
        batch.Isolates = !_suspects.IsEmpty && together.Exists(e => _suspects.ContainsKey(e.Seq));
        var failure = together.Count == 0 ? null : await PostAsync(together, batch, cancellationToken);
        batch.Isolates = true;
        foreach (var suspect in alone.TakeWhile(_ => failure is null))
        {
            failure = await PostAsync([suspect], batch, cancellationToken);
        }

        // Nothing went through at all, so it may as well be the server: the others wait, and another try begins with others.
        return failure ?? (batch.Answered || together.Count == 0 ? null : batch.LastFailure);
    }

    /// <summary>Uploads the pictures of the events, and returns the events that can be sent.</summary>
    private async Task<List<NumberedEvent>> UploadAsync(List<NumberedEvent> events, Batch batch, CancellationToken cancellationToken)
    {
        if (batch.Backup.Images == BackupImages.None || !events.Exists(e => e.Event.Images is not null))
        {
            return events;
        }

        var wanted = events.ToDictionary(e => e.Seq, e => CloudBatch.Wanted(batch.Backup.Images, e.Event).Distinct().ToList());
        var uploaded = await images.UploadAsync([.. wanted.Values.SelectMany(h => h).Distinct()], cancellationToken);
        batch.Sources = uploaded.Sources;
        var ready = new List<NumberedEvent>(events.Count);
        foreach (var numbered in events)
        {
            var hashes = wanted[numbered.Seq];
            if (hashes.Find(uploaded.Refused.ContainsKey) is { } refused)
            {
                var why = uploaded.Refused[refused];
                batch.Park(numbered.Seq, why.Status is null ? why.Code : "image_refused", why.Message);
            }
            else if (hashes.Find(uploaded.Failed.ContainsKey) is { } failed)
            {
                Defer(numbered.Seq, uploaded.Failed[failed], batch);
            }
            else
            {
                ready.Add(numbered);
            }
        }

        // With pictures that were not tried, or with none that went up and nothing else to send, there is nothing to go on with.
        batch.Interrupted = uploaded.Interrupted ?? (ready.Count == 0 && !uploaded.Answered ? batch.LastFailure : null);
        return ready;
    }

    private async Task<Failure?> PostAsync(List<NumberedEvent> events, Batch batch, CancellationToken cancellationToken)
    {
        var body = new CloudBatch(batch.Settlement.Epoch, ownDevice, batch.Backup, batch.Sources, clock).Write(events);
        var reply = await PostAsync(body, cancellationToken);
        if (reply.Value is { } answer)
        {
            return Sort(events, answer, batch);
        }

        if (reply.Failure is not { } failure || !(failure.Kind == FailureKind.Refused || failure.MayBeTheRequest))
        {
            return reply.Failure;
        }

        if (failure.Kind != FailureKind.Refused)
        {
            // The first time the whole server may be meant; when the same events come again and fail again, they are looked at one by one.
            if (!batch.Isolates)
            {
                _suspects.TryAdd(events[0].Seq, false);
                return failure;
            }

            if (++batch.Failures >= MostFailures && !batch.Answered)
            {
                return failure;
            }
        }

        if (events.Count > 1)
        {
            // One of them spoils it: halving finds it in a few requests, and the others get through.
            var half = events.Count / 2;
            return await PostAsync(events[..half], batch, cancellationToken) ?? await PostAsync(events[half..], batch, cancellationToken);
        }

        if (failure.Kind == FailureKind.Refused)
        {
            batch.Park(events[0].Seq, failure.Code, failure.Message);
        }
        else
        {
            _suspects[events[0].Seq] = true;
            Defer(events[0].Seq, failure, batch);
        }

        return null;
    }

    private async Task<Reply<PartialBatchAnswer>> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await gate.EnterAsync(cancellationToken);
        var answered = false;
        try
        {
            var reply = await routes.BatchAsync(body, cancellationToken);
            answered = reply.Value is not null;
            return reply;
        }
        finally
        {
            gate.Exit(answered);
        }
    }

    private Failure? Sort(List<NumberedEvent> events, PartialBatchAnswer answer, Batch batch)
    {
        if (answer.Results?.Count != events.Count)
        {
            return new Failure(FailureKind.Foreign, "foreign_answer", "the server did not answer for each event of a batch");
        }

        for (var i = 0; i < events.Count; i++)
        {
            var (seq, result) = (events[i].Seq, answer.Results[i]);
            if (result is null || (result.Status != ItemStatus.Rejected && result.EventId != events[i].Event.Id))
            {
                return new Failure(FailureKind.Foreign, "foreign_answer", "the server answered a batch without naming the events that it took");
            }

            if (result.Status != ItemStatus.Rejected)
            {
                batch.Settlement.Held.Add(seq);
            }
            else if (result.Permanent)
            {
                batch.Park(seq, result.Code ?? "rejected", result.Message ?? "the server gave no reason");
            }
            else
            {
                batch.Deferred.Add(seq);
            }
        }

        batch.Answered = true;
        status.Succeeded();
        return null;
    }

    // It alone waits, each time longer; it is never dropped, for what fails today may work with the server of tomorrow.
    private void Defer(long seq, Failure failure, Batch batch)
    {
        batch.LastFailure = failure;
        batch.Deferred.Add(seq);
        status.Note(failure);
    }

    private void Forget(Settlement settlement)
    {
        var through = settlement.Held.Concat(settlement.Parked.Select(p => p.Seq));
        deferrals.Forget(through);
        if (!_suspects.IsEmpty)
        {
            foreach (var seq in through)
            {
                _suspects.TryRemove(seq, out _);
            }
        }
    }

    /// <summary>What is learned while the events of one lease are sent.</summary>
    private sealed class Batch(BackupSettings backup, Guid epoch)
    {
        public BackupSettings Backup { get; } = backup;

        public IReadOnlyDictionary<string, string> Sources { get; set; } = new Dictionary<string, string>();

        public Settlement Settlement { get; } = new(epoch);

        public List<long> Deferred { get; } = [];

        /// <summary>Why the pictures could not be uploaded.</summary>
        public Failure? Interrupted { get; set; }

        /// <summary>The failure for which events were deferred last.</summary>
        public Failure? LastFailure { get; set; }

        /// <summary>Whether a request that fails the server is taken apart.</summary>
        public bool Isolates { get; set; }

        /// <summary>Whether the server answered for any event.</summary>
        public bool Answered { get; set; }

        public int Failures { get; set; }

        public void Park(long seq, string code, string message) => Settlement.Parked.Add((seq, code, message));
    }
}
