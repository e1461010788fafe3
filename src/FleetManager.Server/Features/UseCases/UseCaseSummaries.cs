using FleetManager.Data;
using FleetManager.Data.UseCases;
using FleetManager.Server.Features.Events.Counts;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Reads use cases together with what their events add up to: two statements, whatever the number of use cases and of events.</summary>
internal static class UseCaseSummaries
{
    public static async Task<IReadOnlyList<UseCaseSummary>> ReadAsync(
        FleetDb db,
        EventCounts counts,
        IQueryable<UseCase> useCases,
        DateTimeOffset floor,
        CancellationToken cancellationToken)
    {
        var found = await useCases.AsNoTracking()
            .Select(u => new
            {
                UseCase = u,
                Last = db.Events.Where(e => e.UseCaseKey == u.Key && e.Timestamp >= floor).Max(e => (DateTimeOffset?)e.Timestamp),
            })
            .ToListAsync(cancellationToken);
        var totals = await counts.TotalsAsync([.. found.Select(f => f.UseCase.Key)], floor, cancellationToken);

        return [.. found.Select(f => new UseCaseSummary(
            f.UseCase.UseCaseId,
            f.UseCase.Name,
            f.UseCase.ArchivedAt is not null,
            totals[f.UseCase.Key].Sum(t => t.Events),
            f.Last,
            [.. totals[f.UseCase.Key].Select(t => t.EventType).Order(StringComparer.Ordinal)],
            f.UseCase.CreatedAt))];
    }
}
