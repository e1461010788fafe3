namespace FleetManager.Data.Rollups;

/// <summary>What counts are told by.</summary>
public enum CountUnit
{
    /// <summary>The whole range.</summary>
    Total,

    /// <summary>Days, UTC.</summary>
    Day,

    /// <summary>Hours, UTC.</summary>
    Hour,
}

/// <summary>
/// A range of time, cut into what rollups can tell and what has to be counted: part of an hour, then hours, whole days, hours, and part of an
/// hour. Any piece may be empty.
/// </summary>
public sealed record CountRange
{
    /// <summary>Includes <paramref name="from"/>, but not <paramref name="to"/>.</summary>
    public CountRange(DateTimeOffset from, DateTimeOffset to, CountUnit unit)
    {
        (From, To, Unit) = (from, to > from ? to : from, unit);
        HoursFrom = Ceiling(From, TimeSpan.FromHours(1));
        HoursTo = Floor(To, TimeSpan.FromHours(1));
        if (HoursFrom > HoursTo)
        {
            // All of it lies within one hour, which is counted as the first piece.
            HoursFrom = HoursTo = To;
        }

        var (firstDay, lastDay) = (Ceiling(HoursFrom, TimeSpan.FromDays(1)), Floor(HoursTo, TimeSpan.FromDays(1)));
        (DaysFrom, DaysTo) = unit == CountUnit.Hour || firstDay >= lastDay ? (HoursTo, HoursTo) : (firstDay, lastDay);
    }

    public DateTimeOffset From { get; }

    public DateTimeOffset To { get; }

    public CountUnit Unit { get; }

    /// <summary>Where the first whole hour begins.</summary>
    public DateTimeOffset HoursFrom { get; }

    /// <summary>Where the last whole hour ends.</summary>
    public DateTimeOffset HoursTo { get; }

    public DateTimeOffset DaysFrom { get; }

    public DateTimeOffset DaysTo { get; }

    public static DateTimeOffset Floor(DateTimeOffset at, TimeSpan unit) => new(at.UtcTicks - (at.UtcTicks % unit.Ticks), TimeSpan.Zero);

    public static DateTimeOffset Ceiling(DateTimeOffset at, TimeSpan unit) =>
        Floor(at, unit) is var floor && floor == at ? floor : floor + unit;
}
