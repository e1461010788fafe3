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

        return JsonRules.Clean(list, path)
            ?? list.EnumerateArray().Select((item, i) => CheckItem(item, JsonRules.At(path, i))).FirstOrDefault(f => f is not null);
    }

    private static EventFault? CheckItem(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return EventFault.Invalid(path, "must be an object");
        }

        if (!item.TryGetProperty("class", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return EventFault.Invalid($"{path}.class", "must be a string");
        }

        foreach (var key in s_numbers)
        {
            if (item.TryGetProperty(key, out var number) && number.ValueKind != JsonValueKind.Number)
            {
                return EventFault.Invalid($"{path}.{key}", "must be a number");
            }
        }

        if (item.TryGetProperty("confidence", out var confidence)
            && !(confidence.ValueKind == JsonValueKind.Number && confidence.TryGetDouble(out var share) && share is >= 0 and <= 1))
        {
            return EventFault.Invalid($"{path}.confidence", "must be a number from 0 to 1");
        }

        return CheckPoints(item, path) ?? CheckKeypoints(item, path);
    }

    private static EventFault? CheckPoints(JsonElement item, string path) =>
        !item.TryGetProperty("points", out var points) || (points.ValueKind == JsonValueKind.Array && points.GetArrayLength() >= 3 && points.EnumerateArray().All(IsPair))
            ? null
            : EventFault.Invalid($"{path}.points", "must be at least three pairs [x, y]");

    private static EventFault? CheckKeypoints(JsonElement item, string path) =>
        !item.TryGetProperty("keypoints", out var points) || (points.ValueKind == JsonValueKind.Array && points.EnumerateArray().All(IsKeypoint))
            ? null
            : EventFault.Invalid($"{path}.keypoints", "must be objects {id, x, y}");

    private static bool IsPair(JsonElement pair) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair.EnumerateArray().All(n => n.ValueKind == JsonValueKind.Number);

    private static bool IsKeypoint(JsonElement point) =>
        point.ValueKind == JsonValueKind.Object
        && point.TryGetProperty("x", out var x) && x.ValueKind == JsonValueKind.Number
        && point.TryGetProperty("y", out var y) && y.ValueKind == JsonValueKind.Number;
}
