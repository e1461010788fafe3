using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads <c>{"operator":"eq"|"neq","value":"…"}</c>.</summary>
internal static class TextFilterReader
{
    public static TextFilter Read(ref Utf8JsonReader json, string path)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType(path, "an object with operator and value", json.TokenType);
        }

        string? value = null;
        string? operation = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.Unescape(ref json, path);
            json.Read();
            switch (name)
            {
                case "operator":
                    operation = JsonValues.Text(ref json, $"{path}.operator", EventLimits.IdLength);
                    break;
                case "value":
                    value = JsonValues.Text(ref json, $"{path}.value", EventLimits.ShortTextLength);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (value is null)
        {
            throw new EventFaultException($"{path}.value", "is missing.");
        }

        return operation switch
        {
            "eq" => new TextFilter(value),
            "neq" => new TextFilter(value, Negated: true),
            _ => throw new EventFaultException($"{path}.operator", $"must be eq or neq, but is {(operation is null ? "missing" : $"'{operation}'")}."),
        };
    }
}
