namespace FleetManager.Agent.LocalApi;

/// <summary>The two ways in which producers say the same event: as the device's API has it, and as the cloud's has it (vision-events.md 14.1).</summary>
/// <param name="IsCloud">In the cloud's, images have ids, event data is taken as it is, and unknown members are kept (decision 5).</param>
/// <param name="Type">Name of the event's type.</param>
/// <param name="Data">Name of its data.</param>
/// <param name="Time">Name of its time.</param>
/// <param name="Metadata">Name of its metadata.</param>
internal sealed record EventDialect(bool IsCloud, string Type, string Data, string Time, string Metadata)
{
    public static EventDialect Device { get; } = new(false, "event_schema", "event_data", "inference_timestamp", "custom_metadata");

    public static EventDialect Cloud { get; } = new(true, "eventType", "eventData", "timestamp", "customMetadata");
}
