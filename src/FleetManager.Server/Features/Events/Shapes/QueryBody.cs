namespace FleetManager.Server.Features.Events.Shapes;

/// <summary>Which events are wanted. Filters add up.</summary>
/// <param name="UseCaseId">Id or name of the use case.</param>
/// <param name="EventType">Events of this type only.</param>
/// <param name="EventTypes">Events of any of these types, at most 20.</param>
/// <param name="StartTime">From this moment on, ISO 8601.</param>
/// <param name="EndTime">Up to and including this moment, ISO 8601.</param>
/// <param name="DeviceId">By the device that the event names.</param>
/// <param name="StreamId">By the stream that the event names.</param>
/// <param name="WorkflowId">By the workflow that the event names.</param>
/// <param name="ExternalId">By <c>externalId</c> of the event data.</param>
/// <param name="Detection">By what was found in the images.</param>
/// <param name="CustomMetadataFilters">By custom metadata, at most 20.</param>
/// <param name="ImageMetadataFilters">By the metadata of images, at most 20; some image meets all that are not negative.</param>
/// <param name="EventFieldFilters">By fields of the event data, at most 20.</param>
/// <param name="ImageCount">By how many images there are.</param>
/// <param name="HasWarnings">Events with ingestion warnings, or those without.</param>
/// <param name="FeedbackStatus">Events that anybody gave one of these verdicts: <c>correct</c>, <c>incorrect</c>, <c>inconclusive</c>, or <c>none</c>.</param>
/// <param name="Limit">Events per page, 1 to 1000; 100 when absent.</param>
/// <param name="Cursor"><c>nextCursor</c> of the page before; send the same filters with it.</param>
internal sealed record QueryBody(
    string UseCaseId,
    string? EventType = null,
    IReadOnlyList<string>? EventTypes = null,
    DateTimeOffset? StartTime = null,
    DateTimeOffset? EndTime = null,
    TextFilterBody? DeviceId = null,
    TextFilterBody? StreamId = null,
    TextFilterBody? WorkflowId = null,
    TextFilterBody? ExternalId = null,
    DetectionFilterBody? Detection = null,
    IReadOnlyList<MetadataFilterBody>? CustomMetadataFilters = null,
    IReadOnlyList<MetadataFilterBody>? ImageMetadataFilters = null,
    IReadOnlyList<EventFieldFilterBody>? EventFieldFilters = null,
    NumberFilterBody? ImageCount = null,
    bool? HasWarnings = null,
    IReadOnlyList<string>? FeedbackStatus = null,
    int? Limit = null,
    string? Cursor = null);

/// <summary>A comparison with a text.</summary>
/// <param name="Operator"><c>eq</c> or <c>neq</c>; the latter also finds events that have no such text.</param>
/// <param name="Value">The text.</param>
internal sealed record TextFilterBody(string Operator, string Value);

/// <summary>A page of events, newest first.</summary>
/// <param name="Events">Empty when there are none.</param>
/// <param name="NextCursor">Where the next page starts; null at the end.</param>
/// <param name="HasMore">Whether there is a next page.</param>
/// <param name="LookbackDays">How far back events can be seen.</param>
internal sealed record EventPageBody(IReadOnlyList<StoredEventBody> Events, string? NextCursor, bool HasMore, int LookbackDays);

/// <summary>A stored event; fields that its sender added stand beside these.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Timestamp">When it happened, as the sender said.</param>
/// <param name="EventData">As it was sent.</param>
/// <param name="Images">As they were sent, and where each can be fetched.</param>
/// <param name="CustomMetadata">As it was sent.</param>
/// <param name="DeviceId">There only when set.</param>
/// <param name="StreamId">There only when set.</param>
/// <param name="WorkflowId">There only when set.</param>
/// <param name="DisplayImagePosition">There only when set.</param>
/// <param name="Comment">There only when set.</param>
/// <param name="Warnings">What was odd about it; there only when something was.</param>
internal sealed record StoredEventBody(
    string EventId,
    string EventType,
    DateTimeOffset Timestamp,
    EventDataBody EventData,
    IReadOnlyList<StoredImageBody> Images,
    IReadOnlyDictionary<string, System.Text.Json.JsonElement> CustomMetadata,
    string? DeviceId = null,
    string? StreamId = null,
    string? WorkflowId = null,
    int? DisplayImagePosition = null,
    string? Comment = null,
    IReadOnlyList<EventWarning>? Warnings = null);

/// <summary>An image of a stored event.</summary>
internal sealed record StoredImageBody : ImageBody
{
    /// <summary>Where the image of <c>sourceId</c> can be fetched.</summary>
    public string? Url { get; init; }

    /// <summary>Where the image of <c>inputSourceId</c> can be fetched.</summary>
    public string? InputUrl { get; init; }
}
