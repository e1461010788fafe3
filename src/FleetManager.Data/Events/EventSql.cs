namespace FleetManager.Data.Events;

/// <summary>The words that both writers share.</summary>
internal static class EventSql
{
    public const string Columns =
        """
        workspace_id, event_id, use_case_key, event_type, timestamp, received_at, device_id, stream_id, workflow_id, origin_key, event_data,
        images, display_image_position, custom_metadata, comment, extra, warnings, content_hash
        """;

    /// <summary>Everything but the id and the origin: who wrote an event first stays its origin.</summary>
    public static string Assignments(string from) => string.Join(", ", s_overwritten.Select(c => $"{c} = {from}{c}"));

    private static readonly string[] s_overwritten =
    [
        "use_case_key", "event_type", "timestamp", "received_at", "device_id", "stream_id", "workflow_id", "event_data", "images",
        "display_image_position", "custom_metadata", "comment", "extra", "warnings", "content_hash",
    ];
}
