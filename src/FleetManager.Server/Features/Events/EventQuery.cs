using FleetManager.Data;

namespace FleetManager.Server.Features.Events;

/// <summary>Which events of a use case are wanted; conditions add up (vision-events.md 8).</summary>
internal sealed record EventQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>Id or name of the use case.</summary>
    public required string UseCaseId { get; init; }

    /// <summary>Any of these; empty for all.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];

    /// <summary>From this moment on.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Up to and including this moment.</summary>
    public DateTimeOffset? EndTime { get; init; }

    public TextFilter? DeviceId { get; init; }

    public TextFilter? StreamId { get; init; }

    public TextFilter? WorkflowId { get; init; }

    /// <summary><c>externalId</c> in the event data.</summary>
    public TextFilter? ExternalId { get; init; }

    public DetectionFilter? Detection { get; init; }

    /// <summary>Whether it asks for a class and a metadata value that must meet in one event.</summary>
    public bool HasPair => Detection is { Negated: false } && CustomMetadata.Any(f => f is { Negated: false, Test.Operator: JsonOperator.In });

    /// <summary>On <c>customMetadata</c>; members are its keys.</summary>
    public IReadOnlyList<FieldFilter> CustomMetadata { get; init; } = [];

    /// <summary>On the metadata of images; those that are not negated hold together of one image.</summary>
    public IReadOnlyList<FieldFilter> ImageMetadata { get; init; } = [];

    /// <summary>On <c>eventData</c>; members are its fields.</summary>
    public IReadOnlyList<FieldFilter> EventData { get; init; } = [];

    /// <summary>On texts that have a column of their own; members are names of <see cref="Data.Events.VisionEvent"/>'s properties.</summary>
    public IReadOnlyList<FieldFilter> Columns { get; init; } = [];

    /// <summary>On how many images there are.</summary>
    public FieldFilter? ImageCount { get; init; }

    /// <summary>Whether there were ingestion warnings; null for both.</summary>
    public bool? HasWarnings { get; init; }

    /// <summary>Any of these, each a verdict or <see cref="Verdicts.None"/>; empty for all.</summary>
    public IReadOnlyList<string> FeedbackStatus { get; init; } = [];

    /// <summary>1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>What the page before gave as its next cursor; null for the first page.</summary>
    public string? Cursor { get; init; }
}

/// <param name="Value">Text to compare with.</param>
/// <param name="Negated">True for <c>neq</c>: also matches events that have no such text.</param>
internal sealed record TextFilter(string Value, bool Negated = false);

/// <param name="Events">Newest first.</param>
/// <param name="NextCursor">Where the next page starts; null at the end.</param>
/// <param name="HasMore">Whether there is a next page.</param>
internal sealed record EventPage(IReadOnlyList<EventDto> Events, string? NextCursor, bool HasMore)
{
    public static EventPage Empty { get; } = new([], null, false);
}
