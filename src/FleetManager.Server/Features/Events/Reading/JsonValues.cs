using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>
/// Reads single values and refuses what a database could not keep: NUL, half surrogate pairs, numbers beyond a double. One such value
/// would otherwise fail a whole group of other people's events. Every method throws <see cref="EventFaultException"/>.
/// </summary>
internal static class JsonValues
{
    private const int MaxNumberLength = 64;
    private const int MaxExponent = 400;

    /// <summary>Without an exponent, so few digits are always within a double.</summary>
    private const int PlainNumberLength = 20;

    public static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> body) => new(body, new JsonReaderOptions { MaxDepth = EventLimits.JsonDepth });

    public static string Text(ref Utf8JsonReader json, scoped JsonPath path, int maxLength)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            throw EventFaultException.WrongType(path, "a string", json.TokenType);
        }

        var text = Unescape(ref json, path);
        return text.Length <= maxLength
            ? text
            : throw new EventFaultException(path, $"has at most {maxLength} characters, but this one has {text.Length}.");
    }

    /// <summary>Like <see cref="Text"/>, for a text that nobody needs: only made when it might be wrong.</summary>
    public static void CheckText(ref Utf8JsonReader json, scoped JsonPath path, int maxLength)
    {
        // UTF-8 has at least as many bytes as UTF-16 has characters.
        if (json.TokenType != JsonTokenType.String || json.ValueIsEscaped || json.ValueSpan.Length > maxLength)
        {
            Text(ref json, path, maxLength);
        }
    }

    /// <summary>Null and the empty text mean that there is none.</summary>
    public static string? OptionalText(ref Utf8JsonReader json, scoped JsonPath path, int maxLength) =>
        json.TokenType == JsonTokenType.Null || Text(ref json, path, maxLength) is not { Length: > 0 } text ? null : text;

    public static long Integer(ref Utf8JsonReader json, scoped JsonPath path)
    {
        CheckNumber(ref json, path);
        if (json.TryGetInt64(out var number))
        {
            return number;
        }

        var value = json.GetDouble();
        return double.IsInteger(value) && Math.Abs(value) < 1L << 53
            ? (long)value
            : throw new EventFaultException(path, $"must be a whole number, but is {Encoding.UTF8.GetString(json.ValueSpan)}.");
    }

    /// <summary>A number that nothing can be wrong with.</summary>
    public static bool IsPlainNumber(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.ValueSpan.Length <= PlainNumberLength && json.ValueSpan.IndexOfAny((byte)'e', (byte)'E') < 0;

    public static void CheckNumber(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (json.TokenType != JsonTokenType.Number)
        {
            throw EventFaultException.WrongType(path, "a number", json.TokenType);
        }

        if (IsPlainNumber(ref json))
        {
            return;
        }

        var digits = json.ValueSpan;
        var e = digits.IndexOfAny((byte)'e', (byte)'E');
        if (digits.Length > MaxNumberLength
            || !double.IsFinite(json.GetDouble())
            || (e >= 0 && (!Utf8Parser.TryParse(digits[(e + 1)..].TrimStart((byte)'+'), out int exponent, out _) || Math.Abs(exponent) > MaxExponent)))
        {
            throw new EventFaultException(path, $"is not a number that a double can hold in {MaxNumberLength} digits.");
        }
    }

    /// <summary>Checks the value that the reader stands on, whatever it holds, and leaves the reader at its end.</summary>
    public static void Check(ref Utf8JsonReader json, scoped JsonPath path)
    {
        var depth = json.CurrentDepth;
        do
        {
            switch (json.TokenType)
            {
                case JsonTokenType.String or JsonTokenType.PropertyName when json.ValueIsEscaped:
                    Unescape(ref json, path);
                    break;
                case JsonTokenType.Number:
                    CheckNumber(ref json, path);
                    break;
            }
        }
        while ((json.CurrentDepth > depth || json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && json.Read());
    }

    /// <summary>Likewise for a member, whose name the reader stands on.</summary>
    public static void CheckMember(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (json.ValueIsEscaped)
        {
            Unescape(ref json, path);
        }

        json.Read();
        Check(ref json, path);
    }

    /// <summary>That one of the known texts on which the reader stands, so that none has to be made; null when it is another one.</summary>
    public static string? OneOf(ref Utf8JsonReader json, ReadOnlySpan<string> known)
    {
        if (json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !json.ValueIsEscaped)
        {
            foreach (var text in known)
            {
                if (json.ValueTextEquals(text))
                {
                    return text;
                }
            }
        }

        return null;
    }

    /// <summary>Whether the reader stands on this text. The library's own comparison gives up on half a surrogate pair with an exception of its own.</summary>
    public static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> text) =>
        json.ValueIsEscaped ? Encoding.UTF8.GetBytes(Unescape(ref json, "")).AsSpan().SequenceEqual(text) : json.ValueTextEquals(text);

    /// <summary>Text of a string or a property name.</summary>
    public static string Unescape(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (!json.ValueIsEscaped)
        {
            return json.GetString()!;
        }

        string text;
        try
        {
            text = json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new EventFaultException(path, "holds half of a surrogate pair, which is no text.");
        }

        return text.Contains('\0') ? throw new EventFaultException(path, "holds the character NUL (\\u0000), which can not be stored.") : text;
    }

    public delegate T ReadItem<T>(ref Utf8JsonReader json, string path);

    /// <summary>The items of an array, each read with its own path.</summary>
    /// <param name="json">Stands on the array.</param>
    /// <param name="path">Of the array.</param>
    /// <param name="kind">What its items are called, in the plural.</param>
    /// <param name="max">How many there may be.</param>
    /// <param name="read">Reads one, and leaves the reader at its end.</param>
    public static List<T> Items<T>(ref Utf8JsonReader json, string path, string kind, int max, ReadItem<T> read)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType(path, $"an array of {kind}", json.TokenType);
        }

        var items = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            items.Add(items.Count < max ? read(ref json, $"{path}[{items.Count}]") : throw new EventFaultException(path, $"has more than {max} {kind}."));
        }

        return items;
    }
}
