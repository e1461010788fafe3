namespace FleetManager.Data.Rollups;

/// <summary>Reads counts of events, exact at any moment: from rollups, and live where a rollup waits for its recount, in one snapshot.</summary>
public interface IEventCounts
{
    /// <summary>Events by use case, unit of time and type. What has none has no row; hours of one day may be told apart where days are asked.</summary>
    Task<IReadOnlyList<EventCount>> CountAsync(IReadOnlyList<int> useCaseKeys, CountRange range, CancellationToken cancellationToken);

    /// <summary>Values of one field, or of all, with most events first, and what is left of each field as <see cref="FacetKind.Other"/>.</summary>
    /// <param name="useCaseKey">Internal key.</param>
    /// <param name="days">Starts of days, UTC.</param>
    /// <param name="field">Null for all fields.</param>
    /// <param name="top">Values of a field that are told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<FacetCount>> FacetsAsync(
        int useCaseKey,
        IReadOnlyList<DateTimeOffset> days,
        string? field,
        int top,
        CancellationToken cancellationToken);
}

/// <param name="UseCaseKey">Internal key.</param>
/// <param name="Start">Start of the unit of time; null when the whole range is one.</param>
/// <param name="EventType">Type.</param>
/// <param name="Events">How many; may be less than 0 for an hour that corrects its day.</param>
public readonly record struct EventCount(int UseCaseKey, DateTimeOffset? Start, string EventType, long Events);

/// <param name="Field">A name of <see cref="FacetFields"/>.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="Value">As in <see cref="EventFacet"/>.</param>
/// <param name="Events">How many events have it.</param>
public readonly record struct FacetCount(string Field, FacetKind Kind, string Value, long Events);
