using System.Data.Common;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>Takes in events that were read: looks up what they name, refuses what can not be stored, and answers after the commit.</summary>
internal sealed partial class IngestService(
    UseCaseDirectory useCases,
    ImageDirectory images,
    KnownFields fields,
    IngestQueue queue,
    IDbContextFactory<FleetDb> databases,
    TimeProvider time,
    ILogger<IngestService> logger)
{
    /// <summary>How the events of this caller are to be read.</summary>
    public EventReader ReaderFor(Caller caller) => new(TimestampWindow.Around(time.GetUtcNow()), caller.IsDevice);

    /// <summary>All events, or none: the first fault, with the index of its event, keeps every one of them out.</summary>
    public async Task<IngestAnswer> IngestAllAsync(Caller caller, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var prepared = await PrepareAsync(caller, items, cancellationToken);
        var index = prepared.FindIndex(p => p.Fault is not null);
        if (index < 0 && caller.DeviceKey is { } device)
        {
            var taken = await FindTakenAsync(caller.WorkspaceId, device, items, cancellationToken);
            index = prepared.FindIndex(p => taken.Contains(p.Row!.Event.EventId));
        }

        if (index >= 0)
        {
            return new IngestAnswer([], prepared[index].Fault ?? Taken(prepared[index].Row!.Event.EventId), index);
        }

        var results = await WriteAsync(prepared, cancellationToken);
        index = results.IndexOf(WriteResult.Foreign);
        return index >= 0
            ? new IngestAnswer([], Taken(prepared[index].Row!.Event.EventId), index)
            : new IngestAnswer([.. prepared.Select(p => p.Row!.Event.EventId)], null, -1);
    }

    /// <summary>What would keep the event out, told without storing anything: for a caller that has more to store before it. Null when nothing would.</summary>
    public async Task<EventFault?> FindFaultAsync(Caller caller, BatchItem item, CancellationToken cancellationToken)
    {
        if (item.Event is not { } parsed)
        {
            return item.Fault;
        }

        var useCase = parsed.UseCase is { } text ? await useCases.ResolveAsync(caller.WorkspaceId, text, cancellationToken) : null;
        if (useCase is null or { Archived: true })
        {
            return UseCaseFault(parsed.UseCase, useCase);
        }

        return caller.DeviceKey is { } device && (await FindTakenAsync(caller.WorkspaceId, device, [item], cancellationToken)).Count > 0
            ? Taken(item.EventId!)
            : null;
    }

    /// <summary>Every event for itself (design 5.4): one result per item, in the order of the request.</summary>
    public async Task<PartialBatchAnswer> IngestPartialAsync(Caller caller, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var prepared = await PrepareAsync(caller, items, cancellationToken);
        var written = new Queue<WriteResult?>(await WriteApartAsync(prepared, cancellationToken));
        var results = prepared.ConvertAll(p => p.Fault is { } fault ? Rejected(p.EventId, fault) : ToItem(p.EventId!, written.Dequeue()));
        var held = results.Where(r => r.Status != ItemStatus.Rejected).Select(r => r.EventId!).ToList();
        return new PartialBatchAnswer(held.Count, held, results);
    }

    /// <summary>
    /// Null for an event that the database refuses. Reading should have refused it; but one such event must not hold up all that a device has
    /// (G8), so the others are written without it.
    /// </summary>
    private async Task<IReadOnlyList<WriteResult?>> WriteApartAsync(List<Prepared> prepared, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await WriteAsync(prepared, cancellationToken)];
        }
        catch (DbException fault) when (!DatabaseFaults.IsUnavailable(fault) && !DatabaseFaults.IsConflict(fault))
        {
            var good = prepared.FindAll(p => p.Row is not null);
            if (good.Count == 1)
            {
                Log.Refused(logger, good[0].EventId!, fault);
                return [null];
            }

            var results = new List<WriteResult?>();
            foreach (var one in good)
            {
                results.AddRange(await WriteApartAsync([one], cancellationToken));
            }

            return results;
        }
    }

    private async Task<List<WriteResult>> WriteAsync(List<Prepared> prepared, CancellationToken cancellationToken)
    {
        var good = prepared.Where(p => p.Row is not null).ToList();
        if (good.Count == 0)
        {
            return [];
        }

        var rows = good.ConvertAll(p => p.Row!);
        var written = queue.WriteAsync(rows, good.Select(p => p.UseCaseId!).ToHashSet(StringComparer.Ordinal));
        var results = await written.WaitAsync(cancellationToken);
        fields.Remember(rows);
        return [.. results];
    }

    private async Task<List<Prepared>> PrepareAsync(Caller caller, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var lookups = new Lookups(
            await ResolveAsync(caller.WorkspaceId, items, cancellationToken),
            await images.FindAsync(caller.WorkspaceId, items.SelectMany(i => i.Event?.Sources ?? []).Select(s => s.SourceId), cancellationToken));
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var prepared = new List<Prepared>(items.Count);
        foreach (var item in items)
        {
            prepared.Add(item.Event is { } parsed ? Prepare(caller, parsed, lookups, now) : new Prepared(item.EventId, null, null, item.Fault));
        }

        return prepared;
    }

    /// <summary>The use cases that the events name; most batches name one.</summary>
    private async Task<Dictionary<string, UseCaseRef?>> ResolveAsync(int workspaceId, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var named = new Dictionary<string, UseCaseRef?>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Event?.UseCase is { } text && !named.ContainsKey(text))
            {
                named[text] = await useCases.ResolveAsync(workspaceId, text, cancellationToken);
            }
        }

        return named;
    }

    private Prepared Prepare(Caller caller, ParsedEvent parsed, Lookups lookups, DateTimeOffset now)
    {
        var useCase = parsed.UseCase is { } text ? lookups.UseCases[text] : null;
        if (useCase is null or { Archived: true })
        {
            return new Prepared(parsed.EventId, null, null, UseCaseFault(parsed.UseCase, useCase));
        }

        foreach (var (_, path, source) in parsed.Sources)
        {
            if (!lookups.Images.ContainsKey(source))
            {
                parsed.Warnings.Add("image_unknown", path, "No image of that id was uploaded to this workspace.");
            }
        }

        var id = parsed.EventId ?? Guid.CreateVersion7(now).ToString();
        var entity = ToEntity(caller, parsed, id, useCase.Key, now);
        entity.ImageMetadata = ImageMetadata.Join(parsed, lookups.Images);
        return new Prepared(id, new EventRow(entity, parsed.Store, fields.NewOf(parsed, useCase.Key, entity.Timestamp)), useCase.Id, null);
    }

    private static VisionEvent ToEntity(Caller caller, ParsedEvent parsed, string id, int useCaseKey, DateTimeOffset now) => new()
    {
        WorkspaceId = caller.WorkspaceId,
        EventId = id,
        UseCaseKey = useCaseKey,
        EventType = parsed.EventType,
        Timestamp = parsed.Timestamp ?? now,
        ReceivedAt = now,
        DeviceId = parsed.DeviceId,
        StreamId = parsed.StreamId,
        WorkflowId = parsed.WorkflowId,
        OriginKey = caller.DeviceKey,
        EventData = parsed.EventData,
        Images = parsed.Images,
        DisplayImagePosition = parsed.DisplayImagePosition,
        CustomMetadata = parsed.CustomMetadata,
        Comment = parsed.Comment,
        Extra = parsed.Extra,
        Warnings = parsed.Warnings.ToJson(),
        ExternalId = parsed.ExternalId,
        RelatedEventId = parsed.RelatedEventId,
        Feedback = parsed.Feedback,
        Reviewer = parsed.Reviewer,
        ImageCount = parsed.ImageCount,
        Classes = parsed.Classes.Count == 0 ? null : JsonText.ArrayOf(parsed.Classes),
        ContentHash = ContentHash.Of(parsed, useCaseKey),
    };

    private async Task<HashSet<string>> FindTakenAsync(int workspaceId, int device, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var ids = items.Select(i => i.EventId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (ids.Count == 0)
        {
            return [];
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events
            .Where(e => e.WorkspaceId == workspaceId && ids.Contains(e.EventId) && e.OriginKey != device)
            .Select(e => e.EventId)
            .ToHashSetAsync(cancellationToken);
    }

    private static EventFault UseCaseFault(string? named, UseCaseRef? found) => (named, found) switch
    {
        (null, _) => new(EventFaultCodes.UseCaseMissing, "useCaseId", "is missing: name the use case by its id or its name."),
        (_, null) => new(EventFaultCodes.UseCaseUnknown, "useCaseId", $"Use case '{named}' does not exist in this workspace: create it first."),
        _ => new(EventFaultCodes.UseCaseArchived, "useCaseId", $"Use case '{named}' is archived and takes no new events: unarchive it, or name another one."),
    };

    private static EventFault Taken(string eventId) =>
        new(EventFaultCodes.EventIdTaken, "eventId", $"'{eventId}' belongs to an event that another device or an API key wrote.");

    private static ItemResult ToItem(string eventId, WriteResult? result) => result switch
    {
        null => Rejected(eventId, new EventFault(EventFaultCodes.Invalid, "", "The database refuses this event; the server's log says why.")),
        WriteResult.Created => new(eventId, ItemStatus.Created),
        WriteResult.Replaced => new(eventId, ItemStatus.Replaced),
        _ => Rejected(eventId, Taken(eventId)),
    };

    private static ItemResult Rejected(string? eventId, EventFault fault) =>
        new(eventId, ItemStatus.Rejected, fault.Code, fault.ToString(), Permanent: true);

    private static partial class Log
    {
        [LoggerMessage(1202, LogLevel.Error, "The database refuses event {EventId}, which should have been refused as it was read")]
        public static partial void Refused(ILogger logger, string eventId, Exception fault);
    }

    /// <summary>What the database says of the names in a request.</summary>
    private sealed record Lookups(IReadOnlyDictionary<string, UseCaseRef?> UseCases, IReadOnlyDictionary<string, string?> Images);

    /// <summary>An item that is ready to be written, or its fault.</summary>
    private sealed record Prepared(string? EventId, EventRow? Row, string? UseCaseId, EventFault? Fault);
}

/// <param name="EventIds">Ids in the order of the request; empty when there is a fault.</param>
/// <param name="Fault">Why nothing was stored.</param>
/// <param name="Index">Which event has the fault.</param>
internal sealed record IngestAnswer(IReadOnlyList<string> EventIds, EventFault? Fault, int Index);
