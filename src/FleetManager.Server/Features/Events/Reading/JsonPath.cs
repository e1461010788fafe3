using System.Globalization;
using System.Runtime.CompilerServices;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>
/// Where in a body a value is. Written as an interpolated string, and put together only when something is wrong there: for nearly every
/// value nothing is, and text made for each would be most of what reading a batch allocates.
/// </summary>
[InterpolatedStringHandler]
internal ref struct JsonPath
{
    private const int MaxParts = 12;
    private Parts _parts;
    private int _count;

    // What an interpolated string handler has to take.
#pragma warning disable IDE0060
    public JsonPath(int literalLength, int formattedCount)
#pragma warning restore IDE0060
    {
    }

    public static implicit operator JsonPath(string path)
    {
        var parts = new JsonPath(0, 0);
        parts.AppendLiteral(path);
        return parts;
    }

    public void AppendLiteral(string text)
    {
        if (_count == MaxParts)
        {
            _parts[0] = ToString();
            _count = 1;
        }

        _parts[_count++] = text;
    }

    public void AppendFormatted(string text) => AppendLiteral(text);

    public void AppendFormatted(int index) => AppendLiteral(index.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(scoped JsonPath path)
    {
        for (var i = 0; i < path._count; i++)
        {
            AppendLiteral(path._parts[i]!);
        }
    }

    public override readonly string ToString() => string.Concat(((ReadOnlySpan<string?>)_parts)[.._count]);

    [InlineArray(MaxParts)]
    private struct Parts
    {
        private string? _first;
    }
}
