using System.Globalization;

namespace FleetManager.Agent.LocalApi;

/// <summary>Times as the journal keeps them: UTC, as many digits of a second as there are.</summary>
internal static class EventTimes
{
    /// <summary>Longest text that is looked at.</summary>
    public const int MaxLength = 64;

    public static bool TryRead(string? text, out string written)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            written = "";
            return false;
        }

        written = Write(at);
        return true;
    }

    public static string Write(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
