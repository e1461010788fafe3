using System.Globalization;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>The filters of the list, as they stand in its address: links can be shared, and "back" undoes.</summary>
/// <param name="Range">One of <see cref="Ranges"/>, or empty.</param>
/// <param name="From">With range <c>custom</c>: earliest moment.</param>
/// <param name="To">With range <c>custom</c>: latest moment.</param>
/// <param name="Type">An event type, or empty.</param>
/// <param name="Device">A device id, or empty.</param>
internal sealed record EventFilter(string Range, DateTimeOffset? From, DateTimeOffset? To, string Type, string Device)
{
    public const string Custom = "custom";
    private const string Form = "yyyy-MM-ddTHH:mm:ssZ";

    public static IReadOnlyList<(string Value, string Label, TimeSpan Span)> Ranges { get; } =
    [
        ("1h", "Last hour", TimeSpan.FromHours(1)),
        ("24h", "Last 24 hours", TimeSpan.FromHours(24)),
        ("7d", "Last 7 days", TimeSpan.FromDays(7)),
        ("30d", "Last 30 days", TimeSpan.FromDays(30)),
    ];

    public bool IsEmpty => Range.Length + Type.Length + Device.Length == 0;

    /// <summary>What is not understood in an address counts as not said.</summary>
    public static EventFilter Parse(string? range, string? from, string? to, string? type, string? device) => new(
        range == Custom || Ranges.Any(r => r.Value == range) ? range! : "",
        range == Custom ? TimeOf(from) : null,
        range == Custom ? TimeOf(to) : null,
        EventTypes.IsKnown(type) ? type! : "",
        device is { Length: <= EventLimits.IdLength } ? device.Trim() : "");

    public IReadOnlyDictionary<string, object?> ToAddress() => new Dictionary<string, object?>
    {
        ["range"] = NullIfEmpty(Range),
        ["from"] = From?.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture),
        ["to"] = To?.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture),
        ["type"] = NullIfEmpty(Type),
        ["device"] = NullIfEmpty(Device),
    };

    public EventQuery ToQuery(string useCaseId, DateTimeOffset now, int limit) => new()
    {
        UseCaseId = useCaseId,
        EventTypes = Type.Length > 0 ? [Type] : [],
        StartTime = From ?? (Ranges.FirstOrDefault(r => r.Value == Range) is { Value: not null } chosen ? now - chosen.Span : null),
        EndTime = To,
        DeviceId = Device.Length > 0 ? new TextFilter(Device) : null,
        Limit = limit,
    };

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
