using System.Text.Json;

namespace FleetManager.Server.Features.Events;

/// <summary>An image of an event with what was found in it. Boxes are centre based, in pixels of the input image.</summary>
/// <param name="SourceId">Image to show.</param>
/// <param name="InputSourceId">The original; the coordinates refer to it.</param>
/// <param name="Label">Free text.</param>
/// <param name="ObjectDetections">Boxes.</param>
/// <param name="Classifications">Classes of the whole image.</param>
/// <param name="InstanceSegmentations">Boxes with an outline.</param>
/// <param name="Keypoints">Boxes with points.</param>
internal sealed record EventImage(
    string? SourceId,
    string? InputSourceId,
    string? Label,
    IReadOnlyList<Annotation>? ObjectDetections,
    IReadOnlyList<Annotation>? Classifications,
    IReadOnlyList<Annotation>? InstanceSegmentations,
    IReadOnlyList<Annotation>? Keypoints)
{
    /// <summary>Reads <see cref="EventDto.Images"/>.</summary>
    public static IReadOnlyList<EventImage> ReadAll(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, EventsJson.Default.IReadOnlyListEventImage) ?? [];
}

/// <summary>One entry of an annotation list; which members are there depends on the list.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="X">Centre.</param>
/// <param name="Y">Centre.</param>
/// <param name="Width">Full width.</param>
/// <param name="Height">Full height.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Points">Outline as pairs of x and y.</param>
/// <param name="Keypoints">Named points.</param>
internal sealed record Annotation(
    string? Class,
    double? X,
    double? Y,
    double? Width,
    double? Height,
    double? Confidence,
    IReadOnlyList<IReadOnlyList<double>>? Points,
    IReadOnlyList<Keypoint>? Keypoints);

/// <param name="Id">Number or name of the point in its class.</param>
/// <param name="X">Pixels.</param>
/// <param name="Y">Pixels.</param>
internal sealed record Keypoint(JsonElement? Id, double? X, double? Y);
