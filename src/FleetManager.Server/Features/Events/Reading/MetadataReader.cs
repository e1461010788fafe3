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
    /// The object as JSON text; null when there is none. Members that are null are left out when there is a list to note them in. Every key is
    /// told with the type of its value.
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
        var kept = new List<Range>();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var from = (int)json.TokenStartIndex;
            var key = ReadKey(ref json, path, keys);
            json.Read();
            if (json.TokenType == JsonTokenType.Null && warnings is not null)
            {
                warnings.Add("metadata_dropped", $"{path}.{key}", "It was null, which is no value.");
                continue;
            }

            if (CheckValue(ref json, path, key) is { } type)
            {
                note?.Invoke(key, type);
            }

            kept.Add(from..(int)json.BytesConsumed);
        }

        return kept.Count == keys.Count ? Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]) : Join(body, kept);
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

    private static string Join(ReadOnlySpan<byte> body, List<Range> members)
    {
        var text = new StringBuilder("{");
        foreach (var member in members)
        {
            text.Append(text.Length > 1 ? "," : "").Append(Encoding.UTF8.GetString(body[member]));
        }

        return text.Append('}').ToString();
    }
}
