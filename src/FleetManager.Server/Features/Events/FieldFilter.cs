using FleetManager.Data;

namespace FleetManager.Server.Features.Events;

/// <summary>A condition on one named value of an event.</summary>
/// <param name="Test">What the value must be; its member names the value.</param>
/// <param name="Negated">
/// True for <c>neq</c>, <c>not_in</c> and <c>not_exists</c>: matches exactly the events that the test does not, and so also those without such a value.
/// </param>
internal sealed record FieldFilter(JsonTest Test, bool Negated = false);

/// <summary>A condition on what was found in the images of an event.</summary>
/// <param name="Classes">Some annotation is of one of these classes.</param>
/// <param name="Confidence">And that same annotation has this confidence; null for any, also none.</param>
/// <param name="Negated">True for <c>neq</c> and <c>not_in</c>: no annotation is like that.</param>
internal sealed record DetectionFilter(JsonTest Classes, JsonTest? Confidence = null, bool Negated = false);
