using System.Diagnostics.CodeAnalysis;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.Events.Counts;

/// <summary>The range of time that a chart asks for.</summary>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To)
{
    private const int FirstYear = 1971;
    private const int LastYear = 9998;
    private static readonly TimeSpan s_default = TimeSpan.FromDays(7);

    /// <summary>False, with what is wrong, for text that is no time, an end before the start, or more than <paramref name="maxDays"/> days.</summary>
    public static bool TryRead(string? from, string? to, DateTimeOffset now, int maxDays, out TimeRange range, [NotNullWhen(false)] out string? fault)
    {
        range = default;
        if (!TryRead(to, now, out var end))
        {
            fault = NoTime("to", to!);
        }
        else if (!TryRead(from, end - s_default, out var start))
        {
            fault = NoTime("from", from!);
        }
        else if (end < start)
        {
            fault = $"to ({end:u}) lies before from ({start:u}).";
        }
        else if (end - start > TimeSpan.FromDays(maxDays))
        {
            fault = $"The range from {start:u} to {end:u} is too long: ask for at most {maxDays} days.";
        }
        else
        {
            (range, fault) = (new TimeRange(start, end), null);
        }

        return fault is null;
    }

    private static bool TryRead(string? text, DateTimeOffset otherwise, out DateTimeOffset at)
    {
        at = otherwise;
        return text is null || (TimestampWindow.TryParse(text, out at) && at.Year is >= FirstYear and <= LastYear);
    }

    private static string NoTime(string name, string text) => $"{name} must be an ISO 8601 time such as 2026-03-30T14:30:00Z, but is '{text}'.";
}
