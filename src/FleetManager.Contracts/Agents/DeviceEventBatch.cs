namespace FleetManager.Contracts.Agents;

/// <summary>
/// Body of <c>POST /agent/v1/device-events</c>: what happened to the device, also while nobody could be told. An event is known by its device,
/// <paramref name="Boot"/> and number, so sending it again changes nothing.
/// </summary>
/// <param name="Boot">Start counter of the agent, persisted, from 1.</param>
/// <param name="Events">1 to 500 events, in the order in which they happened.</param>
public sealed record DeviceEventBatch(long Boot, IReadOnlyList<DeviceHappening> Events)
{
    /// <summary>Most events of a batch.</summary>
    public const int MaxEvents = 500;

    /// <summary>Most characters of an event's name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Most characters of a description.</summary>
    public const int MaxDescriptionLength = 1000;
}

/// <summary>Something that happened to the device.</summary>
/// <param name="Seq">Its number within the boot, from 1.</param>
/// <param name="At">When, by the device's clock.</param>
/// <param name="EntityType">What of the device it is about: <c>agent</c>, <c>settings</c> or <c>event_store</c>.</param>
/// <param name="Event">Its name: small letters, digits and <c>_</c>, such as <c>agent_started</c>.</param>
/// <param name="Description">One sentence for people.</param>
public sealed record DeviceHappening(long Seq, DateTimeOffset At, string EntityType, string Event, string Description)
{
    /// <summary>The program itself: started, stopped, crashed.</summary>
    public const string Agent = "agent";

    /// <summary>What became of settings.</summary>
    public const string Settings = "settings";

    /// <summary>The event store: full, or with room again.</summary>
    public const string EventStore = "event_store";
}
