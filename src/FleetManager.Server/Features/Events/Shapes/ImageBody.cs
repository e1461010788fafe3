using System.Text.Json;

namespace FleetManager.Server.Features.Events.Shapes;

/// <summary>An image of an event and what was found in it. Boxes are centre based, in pixels of the input image; lists are cut at 1000 entries, with a warning.</summary>
/// <param name="SourceId">Uploaded image to show; what the upload answered.</param>
/// <param name="InputSourceId">Uploaded original, when the other one is drawn upon.</param>
/// <param name="Label">Free text of at most 1000 characters.</param>
/// <param name="Metadata">As the event's <c>customMetadata</c>.</param>
/// <param name="ObjectDetections">Boxes.</param>
/// <param name="Classifications">Classes of the whole image.</param>
/// <param name="InstanceSegmentations">Boxes with an outline.</param>
/// <param name="Keypoints">Boxes with points.</param>
internal record ImageBody(
    string? SourceId = null,
    string? InputSourceId = null,
    string? Label = null,
    IReadOnlyDictionary<string, JsonElement>? Metadata = null,
    IReadOnlyList<DetectionBody>? ObjectDetections = null,
    IReadOnlyList<ClassificationBody>? Classifications = null,
    IReadOnlyList<SegmentationBody>? InstanceSegmentations = null,
    IReadOnlyList<KeypointsBody>? Keypoints = null);

/// <summary>A box.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="X">Centre, pixels.</param>
/// <param name="Y">Centre, pixels.</param>
/// <param name="Width">Full width, pixels.</param>
/// <param name="Height">Full height, pixels.</param>
/// <param name="Confidence">0 to 1.</param>
internal record DetectionBody(string Class, double X, double Y, double Width, double Height, double? Confidence = null);

/// <summary>A class of the whole image.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="Confidence">0 to 1.</param>
internal sealed record ClassificationBody(string Class, double? Confidence = null);

/// <summary>A box with an outline.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="X">Centre, pixels.</param>
/// <param name="Y">Centre, pixels.</param>
/// <param name="Width">Full width, pixels.</param>
/// <param name="Height">Full height, pixels.</param>
/// <param name="Points">At least three pairs of x and y.</param>
/// <param name="Confidence">0 to 1.</param>
internal sealed record SegmentationBody(
    string Class, double X, double Y, double Width, double Height, IReadOnlyList<IReadOnlyList<double>> Points, double? Confidence = null);

/// <summary>A box with points.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="X">Centre, pixels.</param>
/// <param name="Y">Centre, pixels.</param>
/// <param name="Width">Full width, pixels.</param>
/// <param name="Height">Full height, pixels.</param>
/// <param name="Keypoints">Points, each with the number or name that it has in its class.</param>
/// <param name="Confidence">0 to 1.</param>
internal sealed record KeypointsBody(
    string Class, double X, double Y, double Width, double Height, IReadOnlyList<Keypoint> Keypoints, double? Confidence = null);

/// <summary>A point of a class.</summary>
/// <param name="Id">Number or name of the point in its class.</param>
/// <param name="X">Pixels.</param>
/// <param name="Y">Pixels.</param>
internal sealed record Keypoint(JsonElement? Id, double? X, double? Y);
