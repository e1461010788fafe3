using System.Text.Json;

namespace FleetManager.Agent.LocalApi;

/// <summary>The four annotation lists of an image (vision-events.md 4.2).</summary>
internal static class AnnotationRules
{
    private static readonly string[] s_numbers = ["x", "y", "width", "height"];

    /// <summary>Their names, as the server has them.</summary>
    public static IReadOnlyList<string> Lists { get; } = ["objectDetections", "classifications", "instanceSegmentations", "keypoints"];

    public static EventFault? Check(JsonElement list, string path)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return EventFault.Invalid(path, "must be an array");
        }

        if (JsonRules.Clean(list, path) is { } unclean)
        {
            return unclean;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (CheckItem(item) is var (member, rule))
            {
                return EventFault.Invalid(JsonRules.At(path, index) + member, rule);
            }

            index++;
        }

        return null;
    }

    /// <summary>The member at fault and the rule that it breaks.</summary>
    private static (string Member, string Rule)? CheckItem(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return ("", "must be an object");
        }

        if (!item.TryGetProperty("class"u8, out var name) || name.ValueKind != JsonValueKind.String)
        {
            return (".class", "must be a string");
        }

        foreach (var key in s_numbers)
        {
            if (item.TryGetProperty(key, out var number) && number.ValueKind != JsonValueKind.Number)
            {
                return ($".{key}", "must be a number");
            }
        }

        if (item.TryGetProperty("confidence"u8, out var confidence)
            && !(confidence.ValueKind == JsonValueKind.Number && confidence.TryGetDouble(out var share) && share is >= 0 and <= 1))
        {
            return (".confidence", "must be a number from 0 to 1");
        }

        return HasPoints(item) ? HasKeypoints(item) ? null : (".keypoints", "must be objects {id, x, y}")
            : (".points", "must be at least three pairs [x, y]");
    }

    private static bool HasPoints(JsonElement item) =>
        !item.TryGetProperty("points"u8, out var points) || (points.ValueKind == JsonValueKind.Array && points.GetArrayLength() >= 3 && points.EnumerateArray().All(IsPair));

    private static bool HasKeypoints(JsonElement item) =>
        !item.TryGetProperty("keypoints"u8, out var points) || (points.ValueKind == JsonValueKind.Array && points.EnumerateArray().All(IsKeypoint));

    private static bool IsPair(JsonElement pair) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair.EnumerateArray().All(n => n.ValueKind == JsonValueKind.Number);

    private static bool IsKeypoint(JsonElement point) =>
        point.ValueKind == JsonValueKind.Object
        && point.TryGetProperty("x", out var x) && x.ValueKind == JsonValueKind.Number
        && point.TryGetProperty("y", out var y) && y.ValueKind == JsonValueKind.Number;
}
