using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Shapes;

// Events are read and written by hand, for speed. These types say the same in words, for the API's documentation; nothing is ever made of them.

/// <summary>A vision event. Fields that are not listed are kept and given back.</summary>
/// <param name="EventType">One of <c>quality_check</c>, <c>inventory_count</c>, <c>safety_alert</c>, <c>custom</c>, <c>operator_feedback</c>.</param>
/// <param name="UseCaseId">Id or name of the use case, at most 256 characters; it must exist and be active. The older name <c>solution</c> is taken too.</param>
/// <param name="EventId">At most 256 characters, a UUID at best; made by the server when absent. Sending an id again overwrites the event.</param>
/// <param name="Timestamp">When it happened, ISO 8601, from a year ago to tomorrow; now when absent.</param>
/// <param name="EventData">What the type says of it.</param>
/// <param name="DeviceId">Device that saw it, at most 256 characters.</param>
/// <param name="StreamId">Stream of the device, at most 256 characters.</param>
/// <param name="WorkflowId">Workflow that made it, at most 256 characters.</param>
/// <param name="Images">At most 100.</param>
/// <param name="DisplayImagePosition">Index of the image to show, from 0.</param>
/// <param name="CustomMetadata">At most 100 strings of at most 1000 characters, numbers and booleans; keys of at most 100 letters, digits, blanks, <c>_</c> and <c>-</c>.</param>
/// <param name="Comment">Free text of at most 10 000 characters.</param>
/// <param name="Store">From an agent only: its place in the device's store.</param>
internal sealed record EventBody(
    string EventType,
    string UseCaseId,
    string? EventId = null,
    DateTimeOffset? Timestamp = null,
    EventDataBody? EventData = null,
    string? DeviceId = null,
    string? StreamId = null,
    string? WorkflowId = null,
    IReadOnlyList<ImageBody>? Images = null,
    int? DisplayImagePosition = null,
    IReadOnlyDictionary<string, JsonElement>? CustomMetadata = null,
    string? Comment = null,
    StorePosition? Store = null);

/// <summary>Fields of all event types; each may be missing, and one that its type does not know is kept, with a warning.</summary>
/// <param name="Result"><c>quality_check</c>: <c>pass</c> or <c>fail</c>.</param>
/// <param name="Confidence"><c>quality_check</c>: 0 to 1.</param>
/// <param name="Location"><c>inventory_count</c>: where.</param>
/// <param name="ItemCount"><c>inventory_count</c>: how many.</param>
/// <param name="ItemType"><c>inventory_count</c>: of what.</param>
/// <param name="AlertType"><c>safety_alert</c>: what kind, in letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Severity"><c>safety_alert</c>: <c>low</c>, <c>medium</c> or <c>high</c>.</param>
/// <param name="Description"><c>safety_alert</c>: at most 10 000 characters.</param>
/// <param name="Value"><c>custom</c>: at most 10 000 characters.</param>
/// <param name="RelatedEventId"><c>operator_feedback</c>: the event that is reviewed.</param>
/// <param name="Feedback"><c>operator_feedback</c>: <c>correct</c>, <c>incorrect</c> or <c>inconclusive</c>.</param>
/// <param name="ExternalId">All types: your own id, at most 1000 characters.</param>
internal sealed record EventDataBody(
    string? Result = null,
    double? Confidence = null,
    string? Location = null,
    long? ItemCount = null,
    string? ItemType = null,
    string? AlertType = null,
    string? Severity = null,
    string? Description = null,
    string? Value = null,
    string? RelatedEventId = null,
    string? Feedback = null,
    string? ExternalId = null);

/// <summary>What became of a batch.</summary>
/// <param name="Created">How many events the server now holds of this request.</param>
/// <param name="EventIds">Their ids, in the order of the request.</param>
/// <param name="Results">With <c>partial=true</c>: one per event of the request, in its order.</param>
internal sealed record CreatedBatchBody(int Created, IReadOnlyList<string> EventIds, IReadOnlyList<ItemResult>? Results = null);

/// <summary>A batch of events.</summary>
/// <param name="Events">At most 100.</param>
internal sealed record BatchBody(IReadOnlyList<EventBody> Events);
