namespace FleetManager.Agent.EventStore;

/// <summary>Which events a reader wants; null members do not filter, the others must all hold.</summary>
/// <param name="Schema">Event type.</param>
/// <param name="Solution">The use case that the event names.</param>
/// <param name="Device">The device that the event names.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="ExternalId">Of its event data.</param>
/// <param name="From">Earliest inference time, included, in the journal's form.</param>
/// <param name="To">Latest inference time, excluded, likewise.</param>
/// <param name="Status">Where it stands.</param>
internal sealed record EventFilter(
    string? Schema = null,
    string? Solution = null,
    string? Device = null,
    string? Stream = null,
    string? Workflow = null,
    string? ExternalId = null,
    string? From = null,
    string? To = null,
    EventStatus? Status = null)
{
    /// <summary>True when the store's own counters answer it.</summary>
    public bool IsByStatusOnly => this == new EventFilter(Status: Status);
}

/// <summary>Where a stored event stands.</summary>
internal enum EventStatus
{
    /// <summary>Kept open for attachments: not numbered, not sent.</summary>
    Draft,

    /// <summary>Waits for the backup.</summary>
    Pending,

    /// <summary>The server has it.</summary>
    BackedUp,

    /// <summary>The server refused it for good.</summary>
    Parked,
}

/// <summary>A stored event and where it stands.</summary>
internal sealed record FoundEvent(NumberedEvent Event, EventStatus Status);

/// <param name="Events">Newest first.</param>
/// <param name="Next">Go on with events below this number; null at the end.</param>
internal sealed record EventPage(IReadOnlyList<FoundEvent> Events, long? Next);
