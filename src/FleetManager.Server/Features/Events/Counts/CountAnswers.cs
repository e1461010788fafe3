using System.Text.Json.Serialization;
using FleetManager.Data.Rollups;

namespace FleetManager.Server.Features.Events.Counts;

/// <param name="UseCaseId">Id of the use case.</param>
/// <param name="Bucket"><c>hour</c> or <c>day</c>, UTC.</param>
/// <param name="From">Where counting begins: what was asked, or the edge of the history window.</param>
/// <param name="To">Where it ends, not counted itself.</param>
/// <param name="Total">Events of all buckets.</param>
/// <param name="Buckets">Every hour or day of the range, also those without events, by time. Exact at the moment of the answer.</param>
internal sealed record HistogramAnswer(
    string UseCaseId,
    string Bucket,
    DateTimeOffset From,
    DateTimeOffset To,
    long Total,
    IReadOnlyList<HistogramBucket> Buckets)
{
    public static HistogramAnswer Of(string useCaseId, string bucket, Histogram found) =>
        new(useCaseId, bucket, found.From, found.To, found.Buckets.Sum(b => b.Total), found.Buckets);
}

/// <param name="UseCaseId">Id of the use case.</param>
/// <param name="From">Start of the first day that is counted, UTC.</param>
/// <param name="To">End of the last one.</param>
/// <param name="CountedThrough">Whatever was stored before this moment is counted; null when some day was not counted yet.</param>
/// <param name="Pending">Days with later events, which are counted within seconds, at most every 30 s.</param>
/// <param name="Fields">By name; only fields that events have.</param>
internal sealed record FacetsAnswer(
    string UseCaseId,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? CountedThrough,
    IReadOnlyList<DateTimeOffset> Pending,
    IReadOnlyList<FacetDto> Fields)
{
    public static FacetsAnswer Of(string useCaseId, Facets found) => new(
        useCaseId,
        found.From,
        found.To,
        found.CountedThrough,
        found.Pending,
        [.. found.Counts.GroupBy(c => c.Field).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => FacetDto.Of(f.Key, [.. f]))]);
}

/// <param name="Field"><c>deviceId</c>, <c>class</c>, <c>result</c>, …, or <c>customMetadata.KEY</c>.</param>
/// <param name="Values">Those with most events first.</param>
/// <param name="OtherEvents">
/// Occurrences that no listed value tells: of values beyond the asked number, beyond the 1 000 most frequent of a day, or longer than 256 characters.
/// </param>
internal sealed record FacetDto(string Field, IReadOnlyList<FacetValue> Values, long OtherEvents)
{
    public static FacetDto Of(string field, IReadOnlyList<FacetCount> counts) => new(
        field,
        [.. counts.Where(c => c.Kind != FacetKind.Other).Select(c => new FacetValue(c.Value, c.Kind == FacetKind.Boolean ? "boolean" : "string", c.Events))],
        counts.Where(c => c.Kind == FacetKind.Other).Sum(c => c.Events));
}

/// <param name="Value">The value as text.</param>
/// <param name="Type"><c>string</c> or <c>boolean</c>, as filters on metadata say it.</param>
/// <param name="Events">How many events have it.</param>
internal sealed record FacetValue(string Value, string Type, long Events);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HistogramAnswer))]
[JsonSerializable(typeof(FacetsAnswer))]
internal sealed partial class CountsJson : JsonSerializerContext;
