using System.Text.Json;

namespace FleetManager.Server.Features.Events.Shapes;

/// <summary>A comparison with what was found in the images of an event.</summary>
/// <param name="Operator"><c>eq</c>, <c>neq</c>, <c>in</c> or <c>not_in</c>; the negative ones find events in which no annotation is like that.</param>
/// <param name="Value">A class; a list of at most 100 for <c>in</c> and <c>not_in</c>.</param>
/// <param name="Confidence">Of that same annotation, 0 to 1: <c>gt</c>, <c>gte</c>, <c>lt</c> or <c>lte</c>.</param>
internal sealed record DetectionFilterBody(string Operator, JsonElement Value, NumberFilterBody? Confidence = null);

/// <summary>A comparison with a number.</summary>
/// <param name="Operator"><c>gt</c>, <c>gte</c>, <c>lt</c>, <c>lte</c>; of a count also <c>eq</c>, <c>neq</c>, <c>in</c>, <c>not_in</c>.</param>
/// <param name="Value">The number; a list for <c>in</c> and <c>not_in</c>.</param>
internal sealed record NumberFilterBody(string Operator, JsonElement Value);

/// <summary>A comparison with a metadata value. A value of another type never matches, save by a negative operator.</summary>
/// <param name="Field">The metadata key.</param>
/// <param name="Operator">
/// <c>eq</c>, <c>neq</c>, <c>gt</c>, <c>gte</c>, <c>lt</c>, <c>lte</c>, <c>in</c>, <c>not_in</c>, <c>contains</c>, <c>exists</c> or <c>not_exists</c>; the
/// negative ones also find events without such a value.
/// </param>
/// <param name="Value">A string, a number or a boolean; a list of at most 100 for <c>in</c> and <c>not_in</c>; none for <c>exists</c>.</param>
/// <param name="Type"><c>string</c>, <c>number</c> or <c>boolean</c>; that of the value when absent.</param>
internal sealed record MetadataFilterBody(string Field, string Operator, JsonElement? Value = null, string? Type = null);

/// <summary>A comparison with a field of the event data, with the operators of metadata.</summary>
/// <param name="Column">
/// <c>event_type</c>, <c>result</c>, <c>location</c>, <c>item_count</c>, <c>item_type</c>, <c>alert_type</c>, <c>severity</c>, <c>feedback</c> or
/// <c>related_event_id</c>.
/// </param>
/// <param name="Operator">As of metadata.</param>
/// <param name="Value">A string, or a number for <c>item_count</c>; a list for <c>in</c> and <c>not_in</c>.</param>
internal sealed record EventFieldFilterBody(string Column, string Operator, JsonElement? Value = null);
