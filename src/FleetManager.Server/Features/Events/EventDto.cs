namespace FleetManager.Server.Features.Events;

/// <summary>A stored event. The JSON parts stay text: REST passes them on as they are, and a page reads the few that it shows.</summary>
/// <param name="EventId">The sender's id.</param>
/// <param name="UseCaseId">Id of its use case.</param>
/// <param name="EventType">One of the five types.</param>
/// <param name="Timestamp">When it happened, as the sender says.</param>
/// <param name="ReceivedAt">When it was stored.</param>
/// <param name="DeviceId">Device named in the body.</param>
/// <param name="StreamId">Stream named in the body.</param>
/// <param name="WorkflowId">Workflow named in the body.</param>
/// <param name="OriginDeviceId">The device whose key wrote it; null when an API key did.</param>
/// <param name="EventData">JSON object.</param>
/// <param name="Images">JSON array.</param>
/// <param name="DisplayImagePosition">Index of the image to show.</param>
/// <param name="CustomMetadata">JSON object, flat.</param>
/// <param name="Comment">Free text.</param>
/// <param name="Extra">JSON object of top-level fields that are not ours.</param>
/// <param name="Warnings">JSON array; <see cref="EventWarning.ReadAll"/> gives it typed.</param>
internal sealed record EventDto(
    string EventId,
    string UseCaseId,
    string EventType,
    DateTimeOffset Timestamp,
    DateTimeOffset ReceivedAt,
    string? DeviceId,
    string? StreamId,
    string? WorkflowId,
    string? OriginDeviceId,
    string? EventData,
    string? Images,
    int? DisplayImagePosition,
    string? CustomMetadata,
    string? Comment,
    string? Extra,
    string? Warnings)
{
    /// <summary>Characters of JSON, which are nearly all of an event.</summary>
    public long JsonLength { get; } = Sum(EventData, Images, CustomMetadata, Comment, Extra, Warnings);

    private static long Sum(params ReadOnlySpan<string?> parts)
    {
        long sum = 0;
        foreach (var part in parts)
        {
            sum += part?.Length ?? 0;
        }

        return sum;
    }
}
