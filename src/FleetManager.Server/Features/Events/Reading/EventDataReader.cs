using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>
/// Checks <c>eventData</c> against its type (vision-events.md 4.1). Wrong types and over-long texts are refused; unknown fields and
/// words are kept, with a warning: a sender that is ahead of us must not lose what it says.
/// </summary>
internal static class EventDataReader
{
    private enum Kind
    {
        Text,
        Number,
        Integer,
    }

    private static readonly SearchValues<char> s_alertType = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private static readonly Field s_externalId = new("externalId", Kind.Text, EventLimits.ShortTextLength);

    private static readonly FrozenDictionary<string, Fields> s_fields = new Dictionary<string, Field[]>
    {
        [EventTypes.QualityCheck] = [new("result", Kind.Text, Words: ["pass", "fail"]), new("confidence", Kind.Number), s_externalId],
        [EventTypes.InventoryCount] = [new("location", Kind.Text), new("itemCount", Kind.Integer), new("itemType", Kind.Text), s_externalId],
        [EventTypes.SafetyAlert] =
        [
            new("alertType", Kind.Text, Characters: s_alertType),
            new("severity", Kind.Text, Words: ["low", "medium", "high"]),
            new("description", Kind.Text, EventLimits.LongTextLength),
            s_externalId,
        ],
        [EventTypes.Custom] = [new("value", Kind.Text, EventLimits.LongTextLength), s_externalId],
        [EventTypes.OperatorFeedback] =
        [
            new("relatedEventId", Kind.Text, EventLimits.IdLength),
            new("feedback", Kind.Text, Words: [.. Verdicts.All]),
            s_externalId,
        ],
    }.ToFrozenDictionary(f => f.Key, f => new Fields(f.Value, Array.ConvertAll(f.Value, field => field.Name)));

    /// <summary>The object as the sender wrote it; null when there is none.</summary>
    public static string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> body, ParsedEvent parsed)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType("eventData", "an object", json.TokenType);
        }

        var start = (int)json.TokenStartIndex;
        var fields = s_fields[parsed.EventType];
        var known = 0;
        HashSet<string>? unknown = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.OneOf(ref json, fields.Names) ?? JsonValues.Unescape(ref json, "eventData");
            var index = Array.IndexOf(fields.Names, name);
            if (index >= 0 ? (known & (1 << index)) != 0 : !(unknown ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
            {
                throw new EventFaultException($"eventData.{name}", "is there twice.");
            }

            json.Read();
            if (index >= 0)
            {
                known |= 1 << index;
                if (Check(fields.All[index], ref json, $"eventData.{name}", parsed.Warnings) is { } text)
                {
                    Keep(parsed, name, text);
                }
            }
            else
            {
                JsonValues.Check(ref json, $"eventData.{name}");
                parsed.Warnings.Add("unknown_field", $"eventData.{name}", $"It is not known for {parsed.EventType} events; it was kept.");
            }
        }

        return Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]);
    }

    /// <summary>What can be searched for has a column of its own.</summary>
    private static void Keep(ParsedEvent parsed, string name, string text)
    {
        switch (name)
        {
            case "externalId":
                parsed.ExternalId = text;
                break;
            case "relatedEventId":
                parsed.RelatedEventId = text;
                break;
            case "feedback":
                parsed.Feedback = text;
                break;
        }
    }

    /// <summary>The text, when it is one.</summary>
    private static string? Check(Field field, ref Utf8JsonReader json, scoped JsonPath path, WarningList warnings)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        switch (field.Kind)
        {
            case Kind.Number:
                JsonValues.CheckNumber(ref json, path);
                return null;
            case Kind.Integer:
                JsonValues.Integer(ref json, path);
                return null;
            default:
                if (JsonValues.OneOf(ref json, field.Words) is { } word)
                {
                    return word;
                }

                var text = JsonValues.Text(ref json, path, field.MaxLength);
                if (field.Words is { } words)
                {
                    warnings.Add("unknown_value", path.ToString(), $"It is none of {string.Join(", ", words)}; it was kept.");
                }
                else if (field.Characters is { } allowed && text.AsSpan().ContainsAnyExcept(allowed))
                {
                    warnings.Add("unknown_value", path.ToString(), "It has other characters than letters, digits, '_' and '-'; it was kept.");
                }

                return text;
        }
    }

    private sealed record Fields(Field[] All, string[] Names);

    private sealed record Field(string Name, Kind Kind, int MaxLength = EventLimits.ShortTextLength, string[]? Words = null, SearchValues<char>? Characters = null);
}
