using System.Globalization;
using System.Text.Json;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Timestamps must lie between one year ago and tomorrow (vision-events.md 4).</summary>
internal readonly record struct TimestampWindow(DateTimeOffset From, DateTimeOffset Through)
{
    private const int MaxLength = 64;

    public static TimestampWindow Around(DateTimeOffset now) => new(now.AddYears(-1), now.AddDays(1));

    /// <summary>Reads ISO 8601, with any offset, or none for UTC; null when there is none.</summary>
    public DateTimeOffset? Read(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (JsonValues.OptionalText(ref json, path, MaxLength) is not { } text)
        {
            return null;
        }

        if (!TryParse(text, out var at))
        {
            throw new EventFaultException(path, $"must be an ISO 8601 time such as 2026-03-30T14:30:00.000Z, but is '{text}'.");
        }

        return at >= From && at <= Through
            ? at
            : throw new EventFaultException(path, $"{text} is outside the window from {From:yyyy-MM-dd'T'HH:mm:ss'Z'} to {Through:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
    }

    /// <summary>Whole microseconds, which both databases keep: a value read back must equal the one written, or cursors would skip.</summary>
    public static bool TryParse(string text, out DateTimeOffset at)
    {
        at = default;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !char.IsAsciiDigit(text[0])
            || !DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var exact))
        {
            return false;
        }

        at = exact.AddTicks(-(exact.Ticks % TimeSpan.TicksPerMicrosecond));
        return true;
    }
}
