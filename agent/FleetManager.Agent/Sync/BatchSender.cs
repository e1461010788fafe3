using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Sends leased events: their pictures first, then a batch, then writes down what became of each. Whatever happens in between, an event that
/// is not settled is pending, and sending it again changes nothing on the server.
/// </summary>
internal sealed class BatchSender(DeviceStore store, ImageUploader images, BackupRoutes routes, SyncStatus status, Deferrals deferrals, string ownDevice)
{
    public const string UseCaseMissing = "use_case_missing";

    /// <summary>Returns why the server could not be used; null when it answered for each event.</summary>
    public async Task<Failure?> SendAsync(Lease lease, BackupSettings backup, SemaphoreSlim requests, CancellationToken cancellationToken)
    {
        var settlement = new Settlement();
        var deferred = new List<long>();
        try
        {
            var failure = await SendAsync(lease.Events, backup, requests, settlement, deferred, cancellationToken);
            await store.SettleAsync(settlement, cancellationToken);
            deferrals.Forget(settlement.Held.Concat(settlement.Parked.Select(p => p.Seq)));
            return failure;
        }
        finally
        {
            deferrals.Add(deferred);
            store.Release(lease.Events.Select(e => e.Seq).Except(deferred));
        }
    }

    private async Task<Failure?> SendAsync(
        IReadOnlyList<NumberedEvent> events, BackupSettings backup, SemaphoreSlim requests, Settlement settlement, List<long> deferred, CancellationToken cancellationToken)
    {
        var addressed = new List<NumberedEvent>();
        foreach (var numbered in events)
        {
            if ((numbered.Event.UseCase ?? backup.DefaultUseCaseId) is null)
            {
                settlement.Parked.Add((numbered.Seq, UseCaseMissing, "the event names no use case and visionEventsBackup.defaultUseCaseId is not set"));
            }
            else
            {
                addressed.Add(numbered);
            }
        }

        var wanted = addressed.ToDictionary(e => e.Seq, e => CloudBatch.Wanted(backup.Images, e.Event).Distinct().ToList());
        var uploaded = await images.UploadAsync([.. wanted.Values.SelectMany(h => h).Distinct()], backup.Concurrency, requests, cancellationToken);
        if (uploaded.Interrupted is { } interrupted)
        {
            return interrupted;
        }

        var ready = new List<NumberedEvent>();
        foreach (var numbered in addressed)
        {
            if (wanted[numbered.Seq].Find(uploaded.Refused.ContainsKey) is { } refused)
            {
                var why = uploaded.Refused[refused];
                settlement.Parked.Add((numbered.Seq, why.Status is null ? why.Code : "image_refused", why.Message));
            }
            else
            {
                ready.Add(numbered);
            }
        }

        var batch = new Batch(backup, requests, uploaded.Sources, settlement, deferred);
        return ready.Count == 0 ? null : await PostAsync(ready, batch, cancellationToken);
    }

    private async Task<Failure?> PostAsync(List<NumberedEvent> events, Batch batch, CancellationToken cancellationToken)
    {
        var body = new CloudBatch(store.Epoch, ownDevice, batch.Backup, batch.Sources).Write(events);
        await batch.Requests.WaitAsync(cancellationToken);
        Reply<PartialBatchAnswer> reply;
        try
        {
            reply = await routes.BatchAsync(body, cancellationToken);
        }
        finally
        {
            batch.Requests.Release();
        }

        if (reply.Value is { } answer)
        {
            return Sort(events, answer, batch);
        }

        if (reply.Failure is not { Kind: FailureKind.Refused } refused)
        {
            return reply.Failure;
        }

        // Refused as a whole, so one of them spoils it: halving finds it in a few requests, and the others get through.
        if (events.Count == 1)
        {
            batch.Settlement.Parked.Add((events[0].Seq, refused.Code, refused.Message));
            return null;
        }

        var half = events.Count / 2;
        return await PostAsync([.. events.Take(half)], batch, cancellationToken) ?? await PostAsync([.. events.Skip(half)], batch, cancellationToken);
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
                batch.Settlement.Parked.Add((seq, result.Code ?? "rejected", result.Message ?? "the server gave no reason"));
            }
            else
            {
                batch.Deferred.Add(seq);
            }
        }

        status.Succeeded();
        return null;
    }

    private sealed record Batch(BackupSettings Backup, SemaphoreSlim Requests, IReadOnlyDictionary<string, string> Sources, Settlement Settlement, List<long> Deferred);
}
