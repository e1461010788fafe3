using FleetManager.Data;
using FleetManager.Data.UseCases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Creates, renames, archives and lists use cases. Each change writes its audit row in the same transaction.</summary>
internal sealed class UseCaseService(
    IDbContextFactory<FleetDb> databases,
    UseCaseDirectory directory,
    HistoryWindow history,
    EventCounts counts,
    ChangeFeed changes,
    TimeProvider time)
{
    private const int CreateAttempts = 20;

    /// <summary>All active ones, or all archived ones, by name.</summary>
    public async Task<IReadOnlyList<UseCaseSummary>> ListAsync(int workspaceId, bool archived, CancellationToken cancellationToken)
    {
        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = db.UseCases.Where(u => u.WorkspaceId == workspaceId && (u.ArchivedAt != null) == archived).OrderBy(u => u.NameKey);
        return await UseCaseSummaries.ReadAsync(db, counts, found, floor, cancellationToken);
    }

    /// <summary>Null when there is none of that id.</summary>
    public async Task<UseCaseSummary?> FindAsync(int workspaceId, string id, CancellationToken cancellationToken)
    {
        var floor = await history.FloorAsync(workspaceId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = db.UseCases.Where(u => u.WorkspaceId == workspaceId && u.UseCaseId == id);
        return (await UseCaseSummaries.ReadAsync(db, counts, found, floor, cancellationToken)).SingleOrDefault();
    }

    public async Task<UseCaseResult> CreateAsync(int workspaceId, string? name, string actor, CancellationToken cancellationToken)
    {
        if (!UseCaseName.TryClean(name, out var clean, out var fault))
        {
            return new(UseCaseOutcome.Invalid, null, fault);
        }

        var slug = UseCaseName.SlugOf(clean);
        for (var attempt = 1; attempt <= CreateAttempts; attempt++)
        {
            if (await IsNameTakenAsync(workspaceId, clean, exceptId: null, cancellationToken))
            {
                return Duplicate(clean);
            }

            // Somebody may take the id between the look and the insert: the unique index decides, and the next number is tried.
            if (await InsertAsync(workspaceId, slug, attempt, clean, actor, cancellationToken) is { } created)
            {
                Publish(workspaceId, created.Id);
                return new(UseCaseOutcome.Done, created, null);
            }
        }

        return Duplicate(clean);
    }

    public Task<UseCaseResult> RenameAsync(int workspaceId, string id, string? name, string actor, CancellationToken cancellationToken) =>
        !UseCaseName.TryClean(name, out var clean, out var fault)
            ? Task.FromResult(new UseCaseResult(UseCaseOutcome.Invalid, null, fault))
            : ChangeAsync(workspaceId, id, actor, useCase =>
            {
                if (useCase.Name == clean)
                {
                    return null;
                }

                var detail = UseCaseAudit.Renamed(useCase.Name, clean);
                (useCase.Name, useCase.NameKey) = (clean, UseCaseName.KeyOf(clean));
                return ("use_case.renamed", detail);
            }, cancellationToken);

    public Task<UseCaseResult> ArchiveAsync(int workspaceId, string id, string actor, CancellationToken cancellationToken) =>
        ChangeAsync(workspaceId, id, actor, useCase =>
        {
            if (useCase.ArchivedAt is not null)
            {
                return null;
            }

            useCase.ArchivedAt = time.GetUtcNow();
            return ("use_case.archived", null);
        }, cancellationToken);

    public Task<UseCaseResult> UnarchiveAsync(int workspaceId, string id, string actor, CancellationToken cancellationToken) =>
        ChangeAsync(workspaceId, id, actor, useCase =>
        {
            if (useCase.ArchivedAt is null)
            {
                return null;
            }

            useCase.ArchivedAt = null;
            return ("use_case.unarchived", null);
        }, cancellationToken);

    /// <summary>Null when the id or the name was taken meanwhile.</summary>
    private async Task<UseCaseSummary?> InsertAsync(
        int workspaceId,
        string slug,
        int attempt,
        string name,
        string actor,
        CancellationToken cancellationToken)
    {
        var id = UseCaseName.Candidate(slug, attempt);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.UseCases.AnyAsync(u => u.WorkspaceId == workspaceId && u.UseCaseId == id, cancellationToken))
        {
            return null;
        }

        db.UseCases.Add(new UseCase { WorkspaceId = workspaceId, UseCaseId = id, Name = name, NameKey = UseCaseName.KeyOf(name), CreatedAt = now });
        db.AuditEntries.Add(UseCaseAudit.Entry(workspaceId, now, actor, "use_case.created", id, UseCaseAudit.Named(name)));
        return await UniqueSave.TryAsync(db, cancellationToken) ? new UseCaseSummary(id, name, false, 0, null, [], now) : null;
    }

    /// <summary>The change returns what to write to the audit log, or null when there is nothing to do.</summary>
    private async Task<UseCaseResult> ChangeAsync(
        int workspaceId,
        string id,
        string actor,
        Func<UseCase, (string Action, string? Detail)?> change,
        CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.UseCases.SingleOrDefaultAsync(u => u.WorkspaceId == workspaceId && u.UseCaseId == id, cancellationToken) is not { } useCase)
        {
            return new(UseCaseOutcome.NotFound, null, $"Use case '{id}' does not exist in this workspace.");
        }

        if (change(useCase) is { } done)
        {
            if (await IsNameTakenAsync(workspaceId, useCase.Name, id, cancellationToken))
            {
                return Duplicate(useCase.Name);
            }

            db.AuditEntries.Add(UseCaseAudit.Entry(workspaceId, time.GetUtcNow(), actor, done.Action, id, done.Detail));
            if (!await UniqueSave.TryAsync(db, cancellationToken))
            {
                return Duplicate(useCase.Name);
            }

            Publish(workspaceId, id);
        }

        return new(UseCaseOutcome.Done, await FindAsync(workspaceId, id, cancellationToken), null);
    }

    private async Task<bool> IsNameTakenAsync(int workspaceId, string name, string? exceptId, CancellationToken cancellationToken)
    {
        var nameKey = UseCaseName.KeyOf(name);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.UseCases.AnyAsync(u => u.WorkspaceId == workspaceId && u.NameKey == nameKey && u.UseCaseId != exceptId, cancellationToken);
    }

    private static UseCaseResult Duplicate(string name) =>
        new(UseCaseOutcome.Duplicate, null, $"There is already a use case named '{name}' in this workspace: choose another name.");

    private void Publish(int workspaceId, string id)
    {
        directory.Forget();
        changes.Publish(new Change(workspaceId, ChangeKind.UseCase, id));
    }
}
