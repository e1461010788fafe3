using System.Text.Json;

namespace FleetManager.Data.Sqlite;

/// <summary>
/// Decides a condition over the bytes of a JSON text without building a document, as PostgreSQL's <c>jsonpath</c> does; both are held by the same
/// tests. Of a member that is there twice the last one counts.
/// </summary>
internal sealed class JsonMatcher(JsonCondition condition)
{
    private readonly JsonValueTest[] _tests = [.. condition.All.Select(t => new JsonValueTest(t))];

    public bool Matches(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Element(ref reader);
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Element(ref reader))
            {
                return true;
            }
        }

        return false;
    }

    private bool Element(ref Utf8JsonReader reader) => condition.Lists is { } lists ? AnyOf(lists, ref reader) : Passes(ref reader);

    private bool AnyOf(IReadOnlyList<string> lists, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = IsAny(lists, ref reader);
            reader.Read();
            if (!wanted || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (Passes(ref reader))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsAny(IReadOnlyList<string> names, ref Utf8JsonReader reader)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (reader.ValueTextEquals(names[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the element that the reader stands on passes all tests. Leaves the reader at its end.</summary>
    private bool Passes(ref Utf8JsonReader reader)
    {
        uint passed = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            for (var i = 0; i < _tests.Length; i++)
            {
                passed |= _tests[i].Member is null && _tests[i].Passes(reader) ? 1u << i : 0;
            }

            reader.Skip();
        }
        else
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                Member(ref reader, ref passed);
            }
        }

        return passed == uint.MaxValue >> (JsonCondition.MaxTests - _tests.Length);
    }

    private void Member(ref Utf8JsonReader reader, ref uint passed)
    {
        uint asked = 0;
        for (var i = 0; i < _tests.Length; i++)
        {
            asked |= _tests[i].Member is { } member && reader.ValueTextEquals(member) ? 1u << i : 0;
        }

        reader.Read();
        for (var i = 0; asked != 0 && i < _tests.Length; i++)
        {
            if ((asked & (1u << i)) != 0)
            {
                passed = _tests[i].Passes(reader) ? passed | (1u << i) : passed & ~(1u << i);
            }
        }

        reader.Skip();
    }
}
