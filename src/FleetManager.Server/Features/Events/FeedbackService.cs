using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>
/// What people say of events. A verdict of the console is an <c>operator_feedback</c> event like any other, taken in the same way; only that the server
/// knows who gave it. Its id is made of the event and the person: who thinks again overwrites their own verdict and nobody else's.
/// </summary>
internal sealed class FeedbackService(
    IDbContextFactory<FleetDb> databases,
    UseCaseDirectory directory,
    HistoryWindow history,
    IngestService ingest,
    TimeProvider time)
{
    private const int MaxListed = 200;

    /// <summary>Null when the verdict is stored, else why it is not.</summary>
    public async Task<string?> GiveAsync(
        WorkspaceScope reviewer,
        string useCaseId,
        string eventId,
        string verdict,
        string? comment,
        CancellationToken cancellationToken)
    {
        var actor = reviewer.Actor;
        if (!await ExistsAsync(reviewer.Id, useCaseId, eventId, cancellationToken))
        {
            return "This event is not there any more.";
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["eventId"] = IdOf(eventId, actor),
            ["eventType"] = EventTypes.OperatorFeedback,
            ["useCaseId"] = useCaseId,
            ["eventData"] = new JsonObject { ["relatedEventId"] = eventId, ["feedback"] = verdict },
            ["comment"] = comment?.Trim(),
        });
        var caller = new Caller { WorkspaceId = reviewer.Id, WorkspaceSlug = reviewer.Slug, Actor = actor };
        var item = BodyReader.ReadEvent(body, ingest.ReaderFor(caller), out _);
        if (item.Event is { } parsed)
        {
            parsed.Reviewer = actor;
        }

        try
        {
            var answer = await ingest.IngestAllAsync(caller, [item], cancellationToken);
            if (answer.Fault is { } fault)
            {
                return fault.ToString();
            }
        }
        catch (BusyException busy)
        {
            return busy.Message;
        }

        await AuditAsync(reviewer.Id, actor, eventId, verdict, cancellationToken);
        return null;
    }

    /// <summary>Everybody's verdict on an event, the newest first; feedback may lie in any use case of the workspace.</summary>
    public async Task<IReadOnlyList<Feedback>> ListAsync(int workspaceId, string eventId, CancellationToken cancellationToken)
    {
        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events
            .Where(e => e.WorkspaceId == workspaceId && e.RelatedEventId == eventId && e.EventType == EventTypes.OperatorFeedback && e.Timestamp >= floor)
            .OrderByDescending(e => e.Timestamp).ThenByDescending(e => e.Key)
            .Take(MaxListed)
            .Select(e => new Feedback(e.EventId, e.Reviewer, e.Feedback, e.Comment, e.Timestamp))
            .ToListAsync(cancellationToken);
    }

    private async Task<bool> ExistsAsync(int workspaceId, string useCaseId, string eventId, CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, useCaseId, cancellationToken) is not { } useCase)
        {
            return false;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events.AnyAsync(e => e.WorkspaceId == workspaceId && e.EventId == eventId && e.UseCaseKey == useCase.Key, cancellationToken);
    }

    /// <summary>After the fact, since events are written in groups with others: what is lost by a crash between is the entry, and the event names the reviewer too.</summary>
    private async Task AuditAsync(int workspaceId, string actor, string eventId, string verdict, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = workspaceId,
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "feedback.given",
            Subject = eventId,
            Detail = new JsonObject { ["feedback"] = verdict }.ToJsonString(),
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string IdOf(string eventId, string email) =>
        $"feedback-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{eventId}\n{email.ToLowerInvariant()}")))[..32]}";
}

/// <param name="EventId">Of the feedback itself.</param>
/// <param name="Reviewer">E-mail of the console user; null when it came by a key, and so from nobody known.</param>
/// <param name="Verdict">One of <see cref="Verdicts"/>, or what else a sender said.</param>
/// <param name="Comment">In the reviewer's own words.</param>
/// <param name="At">When.</param>
internal sealed record Feedback(string EventId, string? Reviewer, string? Verdict, string? Comment, DateTimeOffset At);
