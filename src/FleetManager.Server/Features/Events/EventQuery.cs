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
