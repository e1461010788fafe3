using System.Globalization;

namespace FleetManager.Benchmarks.Results;

/// <summary>What a ratio should be.</summary>
internal sealed record Bound(double Value, bool AtLeast)
{
    public static Bound Least(double value) => new(value, true);

    public static Bound Most(double value) => new(value, false);

    public bool Holds(double ratio) => AtLeast ? ratio >= Value : ratio <= Value;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtLeast ? "≥" : "≤")} {Value:0.####}");
}
