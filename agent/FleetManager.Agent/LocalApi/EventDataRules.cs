using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// What event data may hold, by type (vision-events.md 4.1). Every member may be missing. The device's API refuses members and words that are not
/// listed; the cloud's keeps them, and the server warns of them.
/// </summary>
internal static class EventDataRules
{
    private static readonly Dictionary<string, Dictionary<string, Rule>> s_rules = new(StringComparer.Ordinal)
    {
        [EventTypes.QualityCheck] = new() { ["result"] = Choice("pass", "fail"), ["confidence"] = Confidence, ["externalId"] = Short },
        [EventTypes.InventoryCount] = new() { ["location"] = Short, ["itemCount"] = Whole, ["itemType"] = Short, ["externalId"] = Short },
        [EventTypes.SafetyAlert] = new()
        {
            ["alertType"] = Word,
            ["severity"] = Choice("low", "medium", "high"),
            ["description"] = Long,
            ["externalId"] = Short,
        },
        [EventTypes.Custom] = new() { ["value"] = Long, ["externalId"] = Short },
        [EventTypes.OperatorFeedback] = new()
        {
            ["relatedEventId"] = Id,
            ["feedback"] = Choice("correct", "incorrect", "inconclusive"),
            ["externalId"] = Short,
        },
    };

    private delegate EventFault? Rule(JsonElement value, string path, bool isStrict);

    public static EventFault? Check(JsonElement data, string type, string path, bool isStrict)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            return EventFault.Invalid(path, "must be an object (it may be empty)");
        }

        if (JsonRules.Clean(data, path) is { } unclean)
        {
            return unclean;
        }

        var rules = s_rules[type];
        foreach (var member in data.EnumerateObject())
        {
            if (!rules.TryGetValue(member.Name, out var rule))
            {
                if (!isStrict)
                {
                    continue;
                }

                return EventFault.Invalid($"{path}.{member.Name}", $"is not known for {type}, which takes {string.Join(", ", rules.Keys)}");
            }

            if (member.Value.ValueKind != JsonValueKind.Null && rule(member.Value, $"{path}.{member.Name}", isStrict) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static EventFault? Short(JsonElement value, string path, bool isStrict) => JsonRules.Text(value, path, EventLimits.ShortTextLength, out _);

    private static EventFault? Long(JsonElement value, string path, bool isStrict) => JsonRules.Text(value, path, EventLimits.LongTextLength, out _);

    private static EventFault? Id(JsonElement value, string path, bool isStrict) => JsonRules.Text(value, path, EventLimits.IdLength, out _);

    private static EventFault? Whole(JsonElement value, string path, bool isStrict) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? null : EventFault.Invalid(path, "must be a whole number");

    private static EventFault? Confidence(JsonElement value, string path, bool isStrict) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var share) && share is >= 0 and <= 1
            ? null
            : EventFault.Invalid(path, "must be a number from 0 to 1");

    private static EventFault? Word(JsonElement value, string path, bool isStrict) =>
        JsonRules.Text(value, path, EventLimits.ShortTextLength, out var text)
        ?? (!isStrict || (text!.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            ? null
            : EventFault.Invalid(path, "must be letters, digits, '_' and '-'"));

    private static Rule Choice(params string[] choices) => (value, path, isStrict) =>
        !isStrict ? Short(value, path, isStrict)
            : value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString()) ? null
            : EventFault.Invalid(path, $"must be one of {string.Join(", ", choices)}");
}
