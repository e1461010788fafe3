using System.Buffers;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads flat metadata: at most 100 keys of letters, digits, blank, <c>_</c> and <c>-</c>; strings, numbers and booleans.</summary>
internal static class MetadataReader
{
    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ -");

    /// <summary>
    /// The object as JSON text; null when there is none. With a list to note it in, members that are null are left out and nested values become
    /// the text of their JSON; without one, nested values are refused. Every key is told with the type of its value.
    /// </summary>
    public static string? Read(
        ref Utf8JsonReader json,
        ReadOnlySpan<byte> body,
        string path,
        WarningList? warnings,
        Action<string, MetadataType>? note = null)
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
        var edited = false;
        var kept = new List<(Range Member, string? Instead)>();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var from = (int)json.TokenStartIndex;
            var key = ReadKey(ref json, path, keys);
            json.Read();
            if (json.TokenType == JsonTokenType.Null && warnings is not null)
            {
                edited = true;
                warnings.Add("metadata_dropped", $"{path}.{key}", "It was null, which is no value.");
                continue;
            }

            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && warnings is not null)
            {
                edited = true;
                warnings.Add("metadata_coerced", $"{path}.{key}", "It was nested; it was kept as the text of its JSON.");
                kept.Add((default, $"{JsonText.Quote(key)}:{JsonText.Quote(TextOf(ref json, body, $"{path}.{key}"))}"));
                note?.Invoke(key, MetadataType.Text);
                continue;
            }

            if (CheckValue(ref json, path, key) is { } type)
            {
                note?.Invoke(key, type);
            }

            kept.Add((from..(int)json.BytesConsumed, null));
        }

        return edited ? Join(body, kept) : Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]);
    }

    /// <summary>The JSON of a nested value, as it was sent.</summary>
    private static string TextOf(ref Utf8JsonReader json, ReadOnlySpan<byte> body, string path)
    {
        var start = (int)json.TokenStartIndex;
        JsonValues.Check(ref json, path);
        var text = Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]);
        return text.Length <= EventLimits.MetadataValueLength
            ? text
            : throw new EventFaultException(path, $"is nested, and its JSON has {text.Length} characters: a metadata value has at most {EventLimits.MetadataValueLength}.");
    }

    private static string ReadKey(ref Utf8JsonReader json, string path, HashSet<string> keys)
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
    private static MetadataType? CheckValue(ref Utf8JsonReader json, string path, string key)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                JsonValues.Text(ref json, $"{path}.{key}", EventLimits.MetadataValueLength);
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

    private static string Join(ReadOnlySpan<byte> body, List<(Range Member, string? Instead)> members)
    {
        var text = new StringBuilder("{");
        foreach (var (member, instead) in members)
        {
            text.Append(text.Length > 1 ? "," : "").Append(instead ?? Encoding.UTF8.GetString(body[member]));
        }

        return text.Append('}').ToString();
    }
}
