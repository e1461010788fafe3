namespace FleetManager.Data.Rollups;

/// <summary>
/// Which fields have facets: those whose values repeat. Numbers and fields that differ from event to event (ids, descriptions) have none.
/// </summary>
public static class FacetFields
{
    /// <summary>Values of a field and day that have a row of their own, those with most events; the rest is summed.</summary>
    public const int MaxValues = 1000;

    /// <summary>Metadata keys of a day that have rows, those with most events; the rest is summed under <see cref="Metadata"/>.</summary>
    public const int MaxKeys = 100;

    /// <summary>Characters of a value; longer ones are summed. An index entry must fit on a page.</summary>
    public const int MaxLength = 256;

    /// <summary>What keys of the custom metadata are prefixed with, and the field that sums those keys that are too many.</summary>
    public const string Metadata = "customMetadata";

    /// <summary>Distinct classes of all annotations of an event.</summary>
    public const string Class = "class";

    /// <summary>Columns of an event, by the name of their facet.</summary>
    public static IReadOnlyList<(string Field, string Column)> Columns { get; } =
        [("deviceId", "device_id"), ("streamId", "stream_id"), ("workflowId", "workflow_id"), ("feedback", "feedback")];

    /// <summary>Members of the event data, which are their own names.</summary>
    public static IReadOnlyList<string> Members { get; } = ["result", "severity", "alertType", "location", "itemType"];

    /// <summary>All but the keys of the custom metadata.</summary>
    public static IEnumerable<string> Names => [.. Columns.Select(c => c.Field), .. Members, Class, Metadata];

    /// <summary>True for the name of a field that can have facets.</summary>
    public static bool IsField(string name) =>
        Names.Contains(name) || (name.StartsWith($"{Metadata}.", StringComparison.Ordinal) && name.Length > Metadata.Length + 1);
}
