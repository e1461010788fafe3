namespace FleetManager.Contracts.Events;

/// <summary>The limits of a vision event on the wire (vision-events.md 4 to 6, 14.3). Lengths are in UTF-16 characters.</summary>
public static class EventLimits
{
    /// <summary>Events in one batch request.</summary>
    public const int BatchSize = 100;

    /// <summary>Length of <c>eventId</c>, <c>useCaseId</c>, <c>deviceId</c>, <c>streamId</c> and <c>workflowId</c>.</summary>
    public const int IdLength = 256;

    /// <summary>Keys of <c>customMetadata</c> and of an image's metadata.</summary>
    public const int MetadataKeys = 100;

    /// <summary>Length of a metadata key.</summary>
    public const int MetadataKeyLength = 100;

    /// <summary>Length of a metadata value that is a string.</summary>
    public const int MetadataValueLength = 1000;

    /// <summary>Entries of one annotation list of one image.</summary>
    public const int Annotations = 1000;

    /// <summary>Images of one event.</summary>
    public const int Images = 100;

    /// <summary>Length of <c>comment</c>, of a safety alert's <c>description</c> and of a custom event's <c>value</c>.</summary>
    public const int LongTextLength = 10_000;

    /// <summary>Length of <c>externalId</c> and of the other short texts of event data.</summary>
    public const int ShortTextLength = 1000;

    /// <summary>Bytes of one uploaded image.</summary>
    public const long ImageBytes = 25 * 1024 * 1024;

    /// <summary>Bytes of a bundle, as it is sent.</summary>
    public const long BundleBytes = 25 * 1024 * 1024;

    /// <summary>Bytes of a JSON body that holds one event.</summary>
    public const int EventBodyBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a JSON body that holds a batch.</summary>
    public const int BatchBodyBytes = 32 * 1024 * 1024;

    /// <summary>How deep JSON may nest.</summary>
    public const int JsonDepth = 32;
}
