using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetManager.Data.Events;

namespace FleetManager.Data.Sqlite;

/// <summary>One test of a condition, ready to be run over many values.</summary>
internal sealed class JsonValueTest(JsonTest test)
{
    private readonly Value[] _values = [.. test.Values.Select(v => new Value(v))];

    public byte[]? Member { get; } = test.Member is { } member ? Encoding.UTF8.GetBytes(member) : null;

    /// <summary>Takes the reader by value: the caller goes on where it was.</summary>
    public bool Passes(Utf8JsonReader reader)
    {
        if (test.Operator == JsonOperator.Exists)
        {
            return reader.TokenType != JsonTokenType.Null && (test.Type is null || TypeOf(reader.TokenType) == test.Type);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return PassesOne(ref reader);
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (PassesOne(ref reader))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private bool PassesOne(ref Utf8JsonReader reader)
    {
        foreach (var value in _values)
        {
            if (value.Type == TypeOf(reader.TokenType) && (test.Operator == JsonOperator.Contains ? value.IsIn(ref reader) : Holds(-value.CompareTo(ref reader))))
            {
                return true;
            }
        }

        return false;
    }

    private bool Holds(int order) => test.Operator switch
    {
        JsonOperator.In => order == 0,
        JsonOperator.Greater => order > 0,
        JsonOperator.AtLeast => order >= 0,
        JsonOperator.Less => order < 0,
        _ => order <= 0,
    };

    private static MetadataType? TypeOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => MetadataType.Text,
        JsonTokenType.Number => MetadataType.Number,
        JsonTokenType.True or JsonTokenType.False => MetadataType.Boolean,
        _ => null,
    };

    private sealed class Value(JsonScalar scalar)
    {
        private readonly byte[] _text = Encoding.UTF8.GetBytes(scalar.Text);
        private readonly double _number = scalar.Type == MetadataType.Number ? double.Parse(scalar.Text, CultureInfo.InvariantCulture) : 0;
        private readonly decimal? _exact = decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : null;

        public MetadataType Type => scalar.Type;

        public bool IsIn(ref Utf8JsonReader reader) => TextOf(ref reader).IndexOf(_text) >= 0;

        public int CompareTo(ref Utf8JsonReader reader) => Type switch
        {
            MetadataType.Text => _text.AsSpan().SequenceCompareTo(TextOf(ref reader)),
            MetadataType.Number => CompareNumber(ref reader),
            _ => _text.AsSpan().SequenceEqual(reader.ValueSpan) ? 0 : 1,
        };

        /// <summary>Two numbers that are the same double may still differ: ids of more than 53 bits do.</summary>
        private int CompareNumber(ref Utf8JsonReader reader)
        {
            var order = _number.CompareTo(reader.GetDouble());
            return order == 0 && _exact is { } exact && reader.TryGetDecimal(out var other) ? exact.CompareTo(other) : order;
        }

        private static ReadOnlySpan<byte> TextOf(ref Utf8JsonReader reader)
        {
            if (!reader.ValueIsEscaped)
            {
                return reader.ValueSpan;
            }

            var text = new byte[reader.ValueSpan.Length];
            return text.AsSpan(0, reader.CopyString(text));
        }
    }
}
