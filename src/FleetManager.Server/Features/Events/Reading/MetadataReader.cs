using System.Buffers;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads flat metadata: at most 100 keys of letters, digits, blank, <c>_</c> and <c>-</c>; strings, numbers and booleans.</summary>
internal static class MetadataReader
{
    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ -");

    /// <summary>
    /// The object as JSON text; null when there is none. Members that are null are left out when there is a list to note them in. Adds every
    /// key, with the type of its value, to <paramref name="fields"/>.
    /// </summary>
    public static string? Read(
        ref Utf8JsonReader json,
        ReadOnlySpan<byte> body,
        scoped JsonPath path,
        WarningList? warnings,
        List<ParsedField>? fields = null,
        bool ofImage = false)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType(path, "a flat object", json.TokenType);
        }

        var start = (int)json.TokenStartIndex;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var dropped = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = ReadKey(ref json, path, keys);
            json.Read();
            if (json.TokenType == JsonTokenType.Null && warnings is not null)
            {
                warnings.Add("metadata_dropped", $"{path.ToString()}.{key}", "It was null, which is no value.");
                dropped = true;
            }
            else if (CheckValue(ref json, path, key) is { } type)
            {
                fields?.Add(new ParsedField(ofImage, key, type));
            }
        }

        var read = body[start..(int)json.BytesConsumed];
        return dropped ? WithoutNulls(read) : Encoding.UTF8.GetString(read);
    }

    private static string ReadKey(ref Utf8JsonReader json, scoped JsonPath path, HashSet<string> keys)
    {
        var key = JsonValues.Unescape(ref json, path);
        if (key.Length is 0 or > EventLimits.MetadataKeyLength || key.AsSpan().ContainsAnyExcept(s_keyCharacters))
        {
            var shown = key.Length > EventLimits.MetadataKeyLength ? key[..EventLimits.MetadataKeyLength] + "…" : key;
            throw new EventFaultException(
                path, $"the key '{shown}' must have 1 to {EventLimits.MetadataKeyLength} letters, digits, blanks, '_' or '-'.");
        }

        if (!keys.Add(key))
        {
            throw new EventFaultException($"{path}.{key}", "is there twice.");
        }

        return keys.Count <= EventLimits.MetadataKeys ? key : throw new EventFaultException(path, $"has more than {EventLimits.MetadataKeys} keys.");
    }

    /// <summary>Null for a member that is null.</summary>
    private static MetadataType? CheckValue(ref Utf8JsonReader json, scoped JsonPath path, string key)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                JsonValues.CheckText(ref json, $"{path}.{key}", EventLimits.MetadataValueLength);
                return MetadataType.Text;
            case JsonTokenType.Number:
                JsonValues.CheckNumber(ref json, $"{path}.{key}");
                return MetadataType.Number;
            case JsonTokenType.True or JsonTokenType.False:
                return MetadataType.Boolean;
            case JsonTokenType.Null:
                return null;
            default:
                throw EventFaultException.WrongType($"{path}.{key}", "a string, a number or a boolean", json.TokenType);
        }
    }

    private static string WithoutNulls(ReadOnlySpan<byte> members)
    {
        var text = new StringBuilder("{");
        var json = new Utf8JsonReader(members);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)json.TokenStartIndex;
            json.Read();
            if (json.TokenType != JsonTokenType.Null)
            {
                text.Append(text.Length > 1 ? "," : "").Append(Encoding.UTF8.GetString(members[start..(int)json.BytesConsumed]));
            }
        }

        return text.Append('}').ToString();
    }
}
