using System.Globalization;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>Reads query parameters. What can not be read is a <see cref="BadHttpRequestException"/> that names it, which is answered with 400.</summary>
internal static class QueryValue
{
    private const int MaxListed = 50;
    private const int MaxLength = 256;

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public static int Limit(string? text, int max, int absent) =>
        string.IsNullOrEmpty(text) ? absent
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max ? number
        : throw Bad($"limit must be a whole number from 1 to {max}.");

    /// <summary>ISO 8601, with any offset, or none for UTC.</summary>
    public static DateTimeOffset? Time(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : TimestampWindow.TryParse(text, out var at) ? at
        : throw Bad($"{name} must be an ISO 8601 time such as 2026-03-30T14:30:00Z; a '+' in it is written %2B.");

    public static string? Text(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : text.Length <= MaxLength && !text.Any(char.IsControl) ? text
        : throw Bad($"{name} must have at most {MaxLength} characters and no control characters.");

    /// <summary>True for the first word, which is also meant when there is none; false for the second.</summary>
    public static bool Either(string name, string? text, string first, string second) =>
        string.IsNullOrEmpty(text) || text == first
        || (text == second ? false : throw Bad($"{name} must be {first} or {second}."));

    /// <summary>Where the page before ended: an ISO time.</summary>
    public static RowCursor? Cursor(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : RowCursor.TryParse(text, out var cursor) ? cursor
        : throw Bad("cursor must be the next_cursor of the page before, or an ISO 8601 time.");

    /// <summary>Values that are joined by commas.</summary>
    public static IReadOnlyList<string> List(string name, string? text)
    {
        string[] values = [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        return values.Length > MaxListed ? throw Bad($"{name} may list at most {MaxListed} values.") : [.. values.Select(v => Text(name, v)!)];
    }

    public static BadHttpRequestException Bad(string message) => new(message, StatusCodes.Status400BadRequest);
}
