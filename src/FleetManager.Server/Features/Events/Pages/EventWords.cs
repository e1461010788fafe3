using System.Globalization;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Server.Components.Widgets;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Puts an event into few words: what a person looks for in a list.</summary>
/// <param name="Badge">The verdict, in one word; null when there is none.</param>
/// <param name="Tone">How good or bad the verdict is.</param>
/// <param name="Text">The rest.</param>
internal sealed record EventWords(string? Badge, Tone Tone, string Text)
{
    public static string Type(string type) => type switch
    {
        EventTypes.QualityCheck => "Quality check",
        EventTypes.InventoryCount => "Inventory count",
        EventTypes.SafetyAlert => "Safety alert",
        EventTypes.Custom => "Custom",
        EventTypes.OperatorFeedback => "Operator feedback",
        _ => type,
    };

    /// <summary>Reads what it needs and passes over what is odd: a list must show any event that was stored.</summary>
    public static EventWords Of(string type, string? eventData)
    {
        using var document = eventData is null ? null : JsonDocument.Parse(eventData);
        string? Get(string key) =>
            document?.RootElement is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty(key, out var value) ? TextOf(value) : null;
        string Join(params string?[] parts) => string.Join(" · ", parts.Where(p => !string.IsNullOrEmpty(p)));

        return type switch
        {
            EventTypes.QualityCheck => new(Get("result"), ToneOf(Get("result")), Join(Get("externalId"))),
            EventTypes.InventoryCount => new(null, Tone.Neutral, Join($"{Get("itemCount")} {Get("itemType")}".Trim(), Get("location"), Get("externalId"))),
            EventTypes.SafetyAlert => new(Get("severity"), ToneOf(Get("severity")), Join(Get("alertType"), Get("description"), Get("externalId"))),
            EventTypes.OperatorFeedback => new(Get("feedback"), ToneOf(Get("feedback")), Join(Get("relatedEventId"))),
            _ => new(null, Tone.Neutral, Join(Get("value"), Get("externalId"))),
        };
    }

    /// <summary>A JSON value on one line.</summary>
    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };

    public static Tone ToneOf(string? verdict) => verdict switch
    {
        "pass" or "correct" => Tone.Good,
        "fail" or "high" or "incorrect" => Tone.Bad,
        "medium" or "inconclusive" => Tone.Warning,
        _ => Tone.Neutral,
    };
}
