using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>A filter object as it was sent: <c>{"operator","value"}</c> with what else its kind has. Unknown members are passed over.</summary>
internal sealed class SentFilter
{
    private const int MaxValues = 100;

    private SentFilter(string path) => Path = path;

    public string Path { get; }

    public string? Operator { get; private set; }

    /// <summary>What <c>field</c> or <c>column</c> names.</summary>
    public string? Name { get; private set; }

    public string? Type { get; private set; }

    public List<JsonScalar> Values { get; } = [];

    /// <summary>Whether the value is an array.</summary>
    public bool IsList { get; private set; }

    public SentFilter? Confidence { get; private set; }

    public static SentFilter Read(ref Utf8JsonReader json, string path)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType(path, "an object with operator and value", json.TokenType);
        }

        var sent = new SentFilter(path);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.Unescape(ref json, path);
            json.Read();
            switch (name)
            {
                case "operator":
                    sent.Operator = JsonValues.Text(ref json, $"{path}.{name}", EventLimits.IdLength);
                    break;
                case "field" or "column":
                    sent.Name = JsonValues.Text(ref json, $"{path}.{name}", EventLimits.IdLength);
                    break;
                case "type":
                    sent.Type = JsonValues.OptionalText(ref json, $"{path}.{name}", EventLimits.IdLength);
                    break;
                case "value":
                    sent.ReadValues(ref json);
                    break;
                case "confidence" when json.TokenType != JsonTokenType.Null:
                    sent.Confidence = Read(ref json, $"{path}.{name}");
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return sent;
    }

    private void ReadValues(ref Utf8JsonReader json)
    {
        Values.Clear();
        IsList = json.TokenType == JsonTokenType.StartArray;
        if (!IsList)
        {
            Add(ref json, $"{Path}.value");
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (Values.Count == MaxValues)
            {
                throw new EventFaultException($"{Path}.value", $"has more than {MaxValues} entries.");
            }

            Add(ref json, $"{Path}.value[{Values.Count}]");
        }
    }

    private void Add(ref Utf8JsonReader json, string path)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.String:
                Values.Add(new JsonScalar(MetadataType.Text, JsonValues.Text(ref json, path, EventLimits.ShortTextLength)));
                break;
            case JsonTokenType.Number:
                JsonValues.CheckNumber(ref json, path);
                Values.Add(new JsonScalar(MetadataType.Number, Encoding.UTF8.GetString(json.ValueSpan)));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                Values.Add(new JsonScalar(MetadataType.Boolean, json.TokenType == JsonTokenType.True ? "true" : "false"));
                break;
            default:
                throw EventFaultException.WrongType(path, "a string, a number or a boolean", json.TokenType);
        }
    }
}
