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
    /// the text of their JSON (decision 62); without one, nested values are refused. Adds every key, with the type of its value, to
    /// <paramref name="fields"/>.
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
        var edited = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = ReadKey(ref json, path, keys);
            json.Read();
            if (json.TokenType == JsonTokenType.Null && warnings is not null)
            {
                warnings.Add("metadata_dropped", $"{path.ToString()}.{key}", "It was null, which is no value.");
                edited = true;
            }
            else if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && warnings is not null)
            {
                CheckNested(ref json, body, $"{path}.{key}");
                warnings.Add("metadata_coerced", $"{path.ToString()}.{key}", "It was nested; it was kept as the text of its JSON.");
                fields?.Add(new ParsedField(ofImage, key, MetadataType.Text));
                edited = true;
            }
            else if (CheckValue(ref json, path, key) is { } type)
            {
                fields?.Add(new ParsedField(ofImage, key, type));
            }
        }

        var read = body[start..(int)json.BytesConsumed];
        return edited ? Flat(read) : Encoding.UTF8.GetString(read);
    }

    /// <summary>
    /// Adds the keys of an image's metadata, which was checked as it was uploaded. It may be spelled in another way since, and is not checked again:
    /// PostgreSQL writes <c>1e300</c> with all its digits.
    /// </summary>
    public static void AddFields(string metadata, List<ParsedField> fields)
    {
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(metadata));
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            if (TypeOf(json.TokenType) is { } type)
            {
                fields.Add(new ParsedField(OfImage: true, key, type));
            }
        }
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

    private static MetadataType? TypeOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => MetadataType.Text,
        JsonTokenType.Number => MetadataType.Number,
        JsonTokenType.True or JsonTokenType.False => MetadataType.Boolean,
        _ => null,
    };

    /// <summary>Null for a member that is null.</summary>
    private static MetadataType? CheckValue(ref Utf8JsonReader json, scoped JsonPath path, string key)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                JsonValues.CheckText(ref json, $"{path}.{key}", EventLimits.MetadataValueLength);
                break;
            case JsonTokenType.Number:
                JsonValues.CheckNumber(ref json, $"{path}.{key}");
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                throw EventFaultException.WrongType($"{path}.{key}", "a string, a number or a boolean", json.TokenType);
        }

        return TypeOf(json.TokenType);
    }

    private static void CheckNested(ref Utf8JsonReader json, ReadOnlySpan<byte> body, scoped JsonPath path)
    {
        var start = (int)json.TokenStartIndex;
        JsonValues.Check(ref json, path);
        var length = Encoding.UTF8.GetCharCount(body[start..(int)json.BytesConsumed]);
        if (length > EventLimits.MetadataValueLength)
        {
            throw new EventFaultException(path, $"is nested, and its JSON has {length} characters: a metadata value has at most {EventLimits.MetadataValueLength}.");
        }
    }

    private static string Flat(ReadOnlySpan<byte> members)
    {
        var text = new StringBuilder("{");
        var json = new Utf8JsonReader(members);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)json.TokenStartIndex;
            json.Read();
            var value = (int)json.TokenStartIndex;
            var type = json.TokenType;
            json.Skip();
            if (type != JsonTokenType.Null)
            {
                var said = Encoding.UTF8.GetString(members[value..(int)json.BytesConsumed]);
                text.Append(text.Length > 1 ? "," : "")
                    .Append(Encoding.UTF8.GetString(members[name..value]))
                    .Append(type is JsonTokenType.StartObject or JsonTokenType.StartArray ? JsonText.Quote(said) : said);
            }
        }

        return text.Append('}').ToString();
    }
}
