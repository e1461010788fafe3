using FleetManager.Data;
using FleetManager.Data.UseCases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Reads use cases together with what their events add up to: two statements, whatever the number of use cases.</summary>
internal static class UseCaseSummaries
{
    public static async Task<IReadOnlyList<UseCaseSummary>> ReadAsync(
        FleetDb db,
        IQueryable<UseCase> useCases,
        DateTimeOffset floor,
        CancellationToken cancellationToken)
    {
        var found = await useCases.AsNoTracking().ToListAsync(cancellationToken);
        var keys = found.Select(u => u.Key).ToList();
        var groups = await db.Events.AsNoTracking()
            .Where(e => keys.Contains(e.UseCaseKey) && e.Timestamp >= floor)
            .GroupBy(e => new { e.UseCaseKey, e.EventType })
            .Select(g => new { g.Key.UseCaseKey, g.Key.EventType, Count = g.LongCount(), Last = g.Max(e => e.Timestamp) })
            .ToListAsync(cancellationToken);
        var byUseCase = groups.ToLookup(g => g.UseCaseKey);

        return [.. found.Select(u => new UseCaseSummary(
            u.UseCaseId,
            u.Name,
            u.ArchivedAt is not null,
            byUseCase[u.Key].Sum(g => g.Count),
            byUseCase[u.Key].Any() ? byUseCase[u.Key].Max(g => g.Last) : null,
            [.. byUseCase[u.Key].Select(g => g.EventType).Order(StringComparer.Ordinal)],
            u.CreatedAt))];
    }
}
