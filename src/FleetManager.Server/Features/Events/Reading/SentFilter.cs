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

    public List<JsonScalar> Values { get; private set; } = [];

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
        IsList = json.TokenType == JsonTokenType.StartArray;
        Values = IsList ? JsonValues.Items(ref json, $"{Path}.value", "values", MaxValues, Scalar)
            : json.TokenType == JsonTokenType.Null ? []
            : [Scalar(ref json, $"{Path}.value")];
    }

    private static JsonScalar Scalar(ref Utf8JsonReader json, string path)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                return new JsonScalar(MetadataType.Text, JsonValues.Text(ref json, path, EventLimits.ShortTextLength));
            case JsonTokenType.Number:
                JsonValues.CheckNumber(ref json, path);
                return new JsonScalar(MetadataType.Number, Encoding.UTF8.GetString(json.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return new JsonScalar(MetadataType.Boolean, json.TokenType == JsonTokenType.True ? "true" : "false");
            default:
                throw EventFaultException.WrongType(path, "a string, a number or a boolean", json.TokenType);
        }
    }
}
