using System.Globalization;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary>A length of time as people type it: <c>90s</c>, <c>30m</c>, <c>1h</c>, <c>7d</c>.</summary>
internal static class Lifetime
{
    public const string Form = "a whole number and s, m, h or d, such as 90s, 30m, 1h or 7d";

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

        TimeSpan? parsed = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' when count <= 36_500 => TimeSpan.FromDays(count),
            _ => null,
        };
        lifetime = parsed ?? default;
        return parsed is not null;
    }
}
