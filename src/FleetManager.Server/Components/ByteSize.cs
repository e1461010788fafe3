using System.Globalization;

namespace FleetManager.Server.Components;

/// <summary>Sizes in bytes as people write them: <c>10 GiB</c>, <c>512 MB</c>, <c>1048576</c>.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    private static readonly Dictionary<string, long> s_factors = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1, ["B"] = 1, ["bytes"] = 1,
        ["KiB"] = 1L << 10, ["MiB"] = 1L << 20, ["GiB"] = 1L << 30, ["TiB"] = 1L << 40, ["PiB"] = 1L << 50,
        ["kB"] = 1_000, ["MB"] = 1_000_000, ["GB"] = 1_000_000_000, ["TB"] = 1_000_000_000_000,
    };

    /// <summary>Rounded, for reading.</summary>
    public static string About(double bytes)
    {
        var unit = 0;
        while (Math.Abs(bytes) >= 1024 && unit < s_units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(bytes >= 100 || unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }

    /// <summary>Exact, for editing: what <see cref="TryParse"/> reads back is the same number.</summary>
    public static string Exact(long bytes)
    {
        var unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < s_units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {s_units[unit]}");
    }

    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        text = text?.Trim() ?? "";
        var split = text.Length;
        while (split > 0 && char.IsAsciiLetter(text[split - 1]))
        {
            split--;
        }

        // The ceiling keeps the product inside 64 bits.
        return s_factors.TryGetValue(text[split..], out var factor)
            && decimal.TryParse(text[..split].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * factor is var exact and <= long.MaxValue
            && exact == decimal.Truncate(exact)
            && (bytes = (long)exact) >= 0;
    }
}
