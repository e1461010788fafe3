using System.Globalization;
using System.Text.Json;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>
/// What was predicted on one image, ready to be drawn. Reads the stored JSON tolerantly: an entry without a number where one is needed is
/// left out, the others are drawn.
/// </summary>
public sealed record Overlay(IReadOnlyList<OverlayShape> Shapes, IReadOnlyList<OverlayClass> Classes)
{
    public static Overlay Read(JsonElement image)
    {
        var shapes = new List<OverlayShape>();
        foreach (var list in (ReadOnlySpan<string>)["instanceSegmentations", "objectDetections", "keypoints"])
        {
            shapes.AddRange(ListOf(image, list).Select(ShapeOf).OfType<OverlayShape>());
        }

        return new Overlay(shapes, [.. ListOf(image, "classifications").Select(c => new OverlayClass(NameOf(c), NumberOf(c, "confidence")))]);
    }

    /// <summary><c>coin 98 %</c>.</summary>
    public static string LabelOf(string name, double? confidence) =>
        confidence is { } c ? string.Create(CultureInfo.InvariantCulture, $"{name} {Math.Round(c * 100)} %") : name;

    private static OverlayShape? ShapeOf(JsonElement entry)
    {
        if (NumberOf(entry, "x") is not { } x || NumberOf(entry, "y") is not { } y || NumberOf(entry, "width") is not { } width || NumberOf(entry, "height") is not { } height)
        {
            return null;
        }

        var outline = ListOf(entry, "points").Select(PairOf).OfType<(double, double)>().Select(p => (X: p.Item1, Y: p.Item2)).ToList();
        var points = ListOf(entry, "keypoints")
            .Where(p => NumberOf(p, "x") is not null && NumberOf(p, "y") is not null)
            .Select(p => new OverlayPoint(TextOf(p, "id"), NumberOf(p, "x")!.Value, NumberOf(p, "y")!.Value))
            .ToList();

        // On the wire a box is given by its centre.
        return new OverlayShape(NameOf(entry), NumberOf(entry, "confidence"), x - (width / 2), y - (height / 2), width, height, outline, points);
    }

    private static JsonElement.ArrayEnumerator ListOf(JsonElement parent, string key) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : default;

    private static (double, double)? PairOf(JsonElement pair) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() >= 2 && pair[0].ValueKind == JsonValueKind.Number && pair[1].ValueKind == JsonValueKind.Number
            ? (pair[0].GetDouble(), pair[1].GetDouble())
            : null;

    private static double? NumberOf(JsonElement entry, string key) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string NameOf(JsonElement entry) => TextOf(entry, "class") is { Length: > 0 } name ? name : "?";

    private static string TextOf(JsonElement entry, string key) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? EventWords.TextOf(value) : "";
}

/// <summary>A class of the whole image.</summary>
public sealed record OverlayClass(string Name, double? Confidence)
{
    public string Label => Overlay.LabelOf(Name, Confidence);
}

/// <summary>A box, with an outline or points where there are any; left, top and size in pixels of the annotated image.</summary>
public sealed record OverlayShape(
    string Name,
    double? Confidence,
    double Left,
    double Top,
    double Width,
    double Height,
    IReadOnlyList<(double X, double Y)> Outline,
    IReadOnlyList<OverlayPoint> Points)
{
    public string Label => Overlay.LabelOf(Name, Confidence);

    /// <summary>One of eight colours, the same for the same class in every image.</summary>
    public int Colour => (int)(Name.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u) % 8);
}

/// <summary>A named point.</summary>
public sealed record OverlayPoint(string Id, double X, double Y);
