using System.Globalization;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary>A length of time as people type it: <c>90s</c>, <c>30m</c>, <c>1h</c>, <c>7d</c>.</summary>
internal static class Lifetime
{
    public const string Form = "a whole number and s, m, h or d, such as 90s, 30m, 1h or 7d";

    /// <summary>A hundred years: what is added to now must stay a date.</summary>
    private const long MaxSeconds = 36_500L * 86_400;

    /// <summary>The value of an option, or the fault that names it.</summary>
    public static TimeSpan Parse(string option, string text) =>
        TryParse(text, out var lifetime) ? lifetime : throw new StartFault($"{option} must be {Form}.");

    public static bool TryParse(string text, out TimeSpan lifetime)
    {
        lifetime = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        long? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
        if (count * unit is not { } seconds || seconds > MaxSeconds)
        {
            return false;
        }

        lifetime = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
