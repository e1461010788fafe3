namespace FleetManager.Data.Events;

/// <summary>The words that both writers share.</summary>
internal static class EventSql
{
    public const string Columns =
        """
        workspace_id, event_id, use_case_key, event_type, timestamp, received_at, device_id, stream_id, workflow_id, origin_key, event_data,
        images, display_image_position, custom_metadata, comment, extra, warnings, content_hash, external_id, related_event_id, feedback, reviewer,
        image_count, classes, image_metadata
        """;

    public const int ColumnCount = 25;

    /// <summary>
    /// Everything but the id and the origin: who wrote an event first stays its origin. Where it counted until now is kept beside, since a
    /// statement that overwrites can only return what it wrote.
    /// </summary>
    public static string Assignments(string from, string existing) => string.Join(
        ", ",
        [
            $"previous_use_case_key = {existing}use_case_key",
            $"previous_timestamp = {existing}timestamp",
            .. s_overwritten.Select(c => $"{c} = {from}{c}"),
        ]);

    private static readonly string[] s_overwritten =
    [
        "use_case_key", "event_type", "timestamp", "received_at", "device_id", "stream_id", "workflow_id", "event_data", "images",
        "display_image_position", "custom_metadata", "comment", "extra", "warnings", "content_hash", "external_id", "related_event_id", "feedback",
        "reviewer", "image_count", "classes", "image_metadata",
    ];
}
