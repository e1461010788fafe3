using System.Text.Json.Serialization;
using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Server.Features.UseCases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>Which metadata keys a use case has, as its events showed (vision-events.md 10).</summary>
internal sealed class MetadataSchemaService(IDbContextFactory<FleetDb> databases, UseCaseDirectory directory, HistoryWindow history)
{
    /// <summary>Senders can make up keys without end; those seen last are told.</summary>
    public const int MaxFields = 5_000;

    /// <summary>Null when there is no such use case. A key is listed until the day of the newest event that had it leaves the history window.</summary>
    public async Task<MetadataSchemaAnswer?> ReadAsync(int workspaceId, string useCaseId, bool ofImages, CancellationToken cancellationToken)
    {
        if (await directory.ResolveAsync(workspaceId, useCaseId, cancellationToken) is not { } useCase)
        {
            return null;
        }

        var day = CountRange.Floor(await history.FloorAsync(workspaceId, cancellationToken), TimeSpan.FromDays(1));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.MetadataFields.AsNoTracking()
            .Where(f => f.UseCaseKey == useCase.Key && f.OfImage == ofImages && f.LastSeen >= day)
            .OrderByDescending(f => f.LastSeen).ThenBy(f => f.Name).ThenBy(f => f.Type)
            .Take(MaxFields + 1)
            .Select(f => new { f.Name, f.Type })
            .ToListAsync(cancellationToken);
        var fields = found.Take(MaxFields)
            .GroupBy(f => f.Name)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new MetadataFieldAnswer([.. g.Select(f => f.Type).Order().Select(t => t.Word())]));
        return new MetadataSchemaAnswer(useCase.Id, fields, found.Count > MaxFields);
    }
}

/// <param name="UseCaseId">Id of the use case.</param>
/// <param name="Fields">By key.</param>
/// <param name="Truncated">True when there are more keys than could be told; not there otherwise.</param>
internal sealed record MetadataSchemaAnswer(
    string UseCaseId,
    IReadOnlyDictionary<string, MetadataFieldAnswer> Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Truncated);

/// <param name="Types">Every type that its values had: <c>string</c>, <c>number</c>, <c>boolean</c>.</param>
internal sealed record MetadataFieldAnswer(IReadOnlyList<string> Types);
