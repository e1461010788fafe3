using System.Text.Json.Serialization;
using FleetManager.Data.Events;

namespace FleetManager.Data;

/// <summary>
/// What a JSON column must hold: some element passes all tests at once. Elements are those of an array; an object is its own only element.
/// Each database has its own form of it, which <see cref="FleetDb.Express"/> gives to <see cref="JsonFunctions.Matches"/>.
/// Of a member that is there twice the last one counts.
/// </summary>
/// <param name="All">Tests that one and the same element must pass; at least one, at most <see cref="MaxTests"/>.</param>
/// <param name="Lists">Members of the elements whose own elements are meant instead, such as the annotation lists of images.</param>
public sealed record JsonCondition(IReadOnlyList<JsonTest> All, IReadOnlyList<string>? Lists = null)
{
    /// <summary>How many tests one condition may have.</summary>
    public const int MaxTests = 32;
}

/// <summary>A test of one value. A value of another type than is asked for never passes, and a list passes when one of its values does.</summary>
/// <param name="Member">Which member of the element; null for the element itself.</param>
/// <param name="Operator">How to compare.</param>
/// <param name="Values">What with: several for <see cref="JsonOperator.In"/>, none for <see cref="JsonOperator.Exists"/>, else one.</param>
/// <param name="Type">Of <see cref="JsonOperator.Exists"/>: the type that it must have; null for any.</param>
public sealed record JsonTest(string? Member, JsonOperator Operator, IReadOnlyList<JsonScalar> Values, MetadataType? Type = null);

/// <summary>Texts are compared by code points, numbers as numbers: <c>1</c> is <c>1.0</c>.</summary>
public enum JsonOperator
{
    /// <summary>Is one of the values.</summary>
    In,

    /// <summary>Comes after the value.</summary>
    Greater,

    /// <summary>Is the value, or comes after it.</summary>
    AtLeast,

    /// <summary>Comes before the value.</summary>
    Less,

    /// <summary>Is the value, or comes before it.</summary>
    AtMost,

    /// <summary>Is a text that has the value in it.</summary>
    Contains,

    /// <summary>Is there, and is not null.</summary>
    Exists,
}

/// <param name="Type">What kind of value.</param>
/// <param name="Text">The text itself, or how JSON spells the number or the boolean.</param>
public readonly record struct JsonScalar(MetadataType Type, string Text)
{
    /// <summary>As JSON.</summary>
    public string ToJson() => Type == MetadataType.Text ? JsonText.Quote(Text) : Text;
}

[JsonSerializable(typeof(JsonCondition))]
internal sealed partial class JsonConditionJson : JsonSerializerContext;
