using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Makes filters of what was sent, or says by path what they can not be.</summary>
internal static class FieldFilterReader
{
    private const int MaxFilters = 20;

    private static readonly string[] s_all = ["eq", "neq", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "exists", "not_exists"];
    private static readonly string[] s_ofNumbers = [.. s_all.Except(["contains"])];
    private static readonly string[] s_ofBooleans = ["eq", "neq", "in", "not_in", "exists", "not_exists"];
    private static readonly string[] s_ofCounts = ["eq", "neq", "gt", "gte", "lt", "lte", "in", "not_in"];
    private static readonly string[] s_ofConfidences = ["gt", "gte", "lt", "lte"];
    private static readonly string[] s_ofClasses = ["eq", "neq", "in", "not_in"];

    private static readonly Dictionary<string, (string Member, MetadataType Type)> s_eventData = new()
    {
        ["result"] = ("result", MetadataType.Text),
        ["location"] = ("location", MetadataType.Text),
        ["item_count"] = ("itemCount", MetadataType.Number),
        ["item_type"] = ("itemType", MetadataType.Text),
        ["alert_type"] = ("alertType", MetadataType.Text),
        ["severity"] = ("severity", MetadataType.Text),
    };

    private static readonly Dictionary<string, string> s_columns = new()
    {
        ["event_type"] = nameof(VisionEvent.EventType),
        ["feedback"] = nameof(VisionEvent.Feedback),
        ["related_event_id"] = nameof(VisionEvent.RelatedEventId),
    };

    /// <summary><c>[{"field","operator","value","type"}]</c>; without a type it is that of the value.</summary>
    public static IReadOnlyList<FieldFilter> Metadata(ref Utf8JsonReader json, string path) => JsonValues.Items(ref json, path, "filters", MaxFilters, SentFilter.Read).ConvertAll(sent =>
    {
        var field = sent.Name is { Length: > 0 and <= EventLimits.MetadataKeyLength } name
            ? name
            : throw new EventFaultException($"{sent.Path}.field", $"must name a metadata key of at most {EventLimits.MetadataKeyLength} characters.");
        MetadataType? type = sent.Type is null ? null : TypeOf(sent);
        return Make(sent, field, type, OperatorsOf(type ?? sent.Values.Select(v => (MetadataType?)v.Type).FirstOrDefault()));
    });

    /// <summary><c>[{"column","operator","value"}]</c>.</summary>
    public static EventQuery EventFields(ref Utf8JsonReader json, string path, EventQuery query)
    {
        var data = new List<FieldFilter>();
        var columns = new List<FieldFilter>();
        foreach (var sent in JsonValues.Items(ref json, path, "filters", MaxFilters, SentFilter.Read))
        {
            var name = sent.Name ?? "";
            if (s_eventData.TryGetValue(name, out var field))
            {
                data.Add(Make(sent, field.Member, field.Type, OperatorsOf(field.Type)));
            }
            else if (s_columns.TryGetValue(name, out var column))
            {
                columns.Add(Make(sent, column, MetadataType.Text, s_all));
            }
            else
            {
                throw NoneOf($"{sent.Path}.column", [.. s_columns.Keys, .. s_eventData.Keys], sent.Name);
            }
        }

        return query with { EventData = data, Columns = columns };
    }

    /// <summary><c>{"operator","value"}</c> on a number.</summary>
    public static FieldFilter Count(ref Utf8JsonReader json, string path) => Make(SentFilter.Read(ref json, path), null, MetadataType.Number, s_ofCounts);

    /// <summary><c>{"operator","value","confidence":{"operator","value"}}</c>.</summary>
    public static DetectionFilter Detection(ref Utf8JsonReader json, string path)
    {
        var sent = SentFilter.Read(ref json, path);
        var classes = Make(sent, null, MetadataType.Text, s_ofClasses);
        var confidence = sent.Confidence is { } sure ? Make(sure, "confidence", MetadataType.Number, s_ofConfidences).Test : null;
        return new DetectionFilter(classes.Test, confidence, classes.Negated);
    }

    /// <summary><c>{"operator":"eq"|"neq","value":"…"}</c>.</summary>
    public static TextFilter Text(ref Utf8JsonReader json, string path)
    {
        var filter = Make(SentFilter.Read(ref json, path), null, MetadataType.Text, ["eq", "neq"]);
        return new TextFilter(filter.Test.Values[0].Text, filter.Negated);
    }

    private static FieldFilter Make(SentFilter sent, string? member, MetadataType? type, string[] operators)
    {
        if (!operators.Contains(sent.Operator))
        {
            throw NoneOf($"{sent.Path}.operator", operators, sent.Operator);
        }

        var (operation, negated) = sent.Operator switch
        {
            "eq" or "in" => (JsonOperator.In, false),
            "neq" or "not_in" => (JsonOperator.In, true),
            "gt" => (JsonOperator.Greater, false),
            "gte" => (JsonOperator.AtLeast, false),
            "lt" => (JsonOperator.Less, false),
            "lte" => (JsonOperator.AtMost, false),
            "contains" => (JsonOperator.Contains, false),
            _ => (JsonOperator.Exists, sent.Operator == "not_exists" ^ sent.Values is [{ Type: MetadataType.Boolean, Text: "false" }]),
        };
        var values = operation == JsonOperator.Exists ? [] : ValuesOf(sent, type);
        return new FieldFilter(new JsonTest(member, operation, values, operation == JsonOperator.Exists ? type : null), negated);
    }

    private static List<JsonScalar> ValuesOf(SentFilter sent, MetadataType? type)
    {
        var path = $"{sent.Path}.value";
        var many = sent.Operator is "in" or "not_in";
        if (many != sent.IsList && (sent.IsList || sent.Values.Count > 0))
        {
            throw new EventFaultException(path, many ? "must be an array of values." : $"must be one value: {sent.Operator} takes no array.");
        }

        return sent.Values.Count == 0
            ? throw new EventFaultException(path, "is missing.")
            : sent.Values.ConvertAll(v => type is null || v.Type == type ? v : Convert(v, type.Value, path));
    }

    /// <summary>Form fields and command lines know only text: a text that spells a number or a boolean is one where one is asked for.</summary>
    private static JsonScalar Convert(JsonScalar value, MetadataType type, string path)
    {
        if (value.Type == MetadataType.Text && type != MetadataType.Text
            && BodyReader.Guard(System.Text.Encoding.UTF8.GetBytes(value.Text), (ref Utf8JsonReader json, ReadOnlySpan<byte> _) => Spells(ref json, type, path)) is null)
        {
            return new JsonScalar(type, value.Text.Trim());
        }

        throw new EventFaultException(path, $"must be a {type.Word()}, but is a {value.Type.Word()}.");
    }

    private static void Spells(ref Utf8JsonReader json, MetadataType type, string path)
    {
        json.Read();
        if (type == MetadataType.Number)
        {
            JsonValues.CheckNumber(ref json, path);
        }
        else if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            throw EventFaultException.WrongType(path, "a boolean", json.TokenType);
        }
    }

    private static MetadataType TypeOf(SentFilter sent)
    {
        var types = Enum.GetValues<MetadataType>();
        var index = Array.FindIndex(types, t => t.Word() == sent.Type);
        return index >= 0 ? types[index] : throw NoneOf($"{sent.Path}.type", [.. types.Select(t => t.Word())], sent.Type);
    }

    private static string[] OperatorsOf(MetadataType? type) => type switch
    {
        MetadataType.Number => s_ofNumbers,
        MetadataType.Boolean => s_ofBooleans,
        _ => s_all,
    };

    private static EventFaultException NoneOf(string path, string[] words, string? found) =>
        new(path, $"must be {string.Join(", ", words[..^1])} or {words[^1]}, but is {(found is null ? "missing" : $"'{found}'")}.");
}
