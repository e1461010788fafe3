using System.Globalization;

namespace FleetManager.Server.Components;

/// <summary>Numbers as people read them, the same in every language: groups of three, binary units, rounded durations.</summary>
internal static class Format
{
    private const char Gap = '\u202f';

    private static readonly NumberFormatInfo s_grouped = new() { NumberGroupSeparator = Gap.ToString(), NumberGroupSizes = [3] };

    public static string Count(long value) => value.ToString("#,##0", s_grouped);

    /// <summary><c>1 event</c>, <c>128 events</c>.</summary>
    public static string Count(long value, string one, string? many = null) => $"{Count(value)} {(value == 1 ? one : many ?? one + "s")}";

    public static string Rate(double perSecond) => perSecond switch
    {
        < 0.005 => "0/s",
        < 10 => perSecond.ToString("0.##", CultureInfo.InvariantCulture) + "/s",
        _ => Count((long)Math.Round(perSecond)) + "/s",
    };

    public static string Percent(double value) => value.ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Two units at the most: <c>45 s</c>, <c>12 min</c>, <c>3 h 20 min</c>, <c>5 days</c>.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 60 => $"{Math.Max(0, (long)Math.Ceiling(seconds))} s",
        < 3600 => $"{(long)Math.Ceiling(seconds / 60)} min",
        < 48 * 3600 => $"{(long)seconds / 3600} h {(long)seconds % 3600 / 60} min",
        < 366 * 86_400 => $"{Count((long)(seconds / 86_400))} days",
        _ => "over a year",
    };
}
