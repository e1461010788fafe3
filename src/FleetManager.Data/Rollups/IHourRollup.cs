namespace FleetManager.Data.Rollups;

/// <summary>
/// Counts the events of hours, anew each time and never by adding: exact after deletes, late events, overwrites and repeats. What has to be
/// counted is noted in the database, and a note goes in the transaction that writes the count: a crash at any point leaves nothing uncounted.
/// </summary>
public interface IHourRollup
{
    /// <summary>Hours that have to be counted, those that wait longest first.</summary>
    Task<IReadOnlyList<UseCaseTime>> WaitingAsync(int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Counts hours in one transaction, and notes their days for <see cref="IFacetRollup"/>. An hour that nobody noted is left alone.
    /// False when somebody else is counting: an older count must never overwrite a newer one.
    /// </summary>
    Task<bool> CountAsync(IReadOnlyList<UseCaseTime> hours, CancellationToken cancellationToken);
}

/// <summary>Counts the facets of days, likewise.</summary>
public interface IFacetRollup
{
    /// <summary>Days that have to be counted and were not since <paramref name="countedBefore"/>, those that wait longest first.</summary>
    Task<IReadOnlyList<UseCaseTime>> WaitingAsync(DateTimeOffset countedBefore, int limit, CancellationToken cancellationToken);

    /// <summary>Counts all facets of a day. False when somebody else is counting facets.</summary>
    /// <param name="day">A day of <see cref="WaitingAsync"/>.</param>
    /// <param name="now">What is told as the moment of the count.</param>
    /// <param name="cancellationToken">Ends it; the day waits on then.</param>
    Task<bool> CountAsync(UseCaseTime day, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>An hour or a day of a use case.</summary>
/// <param name="UseCaseKey">Internal key.</param>
/// <param name="Start">UTC.</param>
public readonly record struct UseCaseTime(int UseCaseKey, DateTimeOffset Start)
{
    /// <summary>The day that an hour lies in.</summary>
    public UseCaseTime Day => this with { Start = CountRange.Floor(Start, TimeSpan.FromDays(1)) };
}
