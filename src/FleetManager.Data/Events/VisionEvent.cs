using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Events;

/// <summary>A vision event as it was sent (vision-events.md 4). Written in bulk by <see cref="IEventWriter"/>, read through EF.</summary>
public sealed class VisionEvent
{
    /// <summary>Internal key: order of arrival, tie-breaker of cursors, and what other tables join.</summary>
    public long Key { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>The sender's id, text of up to 256 characters, unique in the workspace.</summary>
    public required string EventId { get; set; }

    public required int UseCaseKey { get; set; }

    public required string EventType { get; set; }

    public required DateTimeOffset Timestamp { get; set; }

    public required DateTimeOffset ReceivedAt { get; set; }

    /// <summary>Device named in the body: a filter, never a proof.</summary>
    public string? DeviceId { get; set; }

    public string? StreamId { get; set; }

    public string? WorkflowId { get; set; }

    /// <summary>The device whose key wrote it, which nothing in a body can change; null when an API key did.</summary>
    public int? OriginKey { get; set; }

    public string? EventData { get; set; }

    /// <summary>JSON array of images with their annotations; null when there is none.</summary>
    public string? Images { get; set; }

    public int? DisplayImagePosition { get; set; }

    public string? CustomMetadata { get; set; }

    public string? Comment { get; set; }

    /// <summary>JSON object of top-level fields that are not ours: kept, not refused.</summary>
    public string? Extra { get; set; }

    /// <summary>JSON array of ingestion warnings; null when there is none.</summary>
    public string? Warnings { get; set; }

    /// <summary>
    /// <c>externalId</c> of the event data, on its own so that a serial number is found among millions: up to this many characters it is in the index, of
    /// which PostgreSQL refuses entries over 2 704 bytes.
    /// </summary>
    public const int IndexedLength = 500;

    /// <inheritdoc cref="IndexedLength"/>
    public string? ExternalId { get; set; }

    /// <summary>Of an <c>operator_feedback</c>: the id of the event that it reviews.</summary>
    public string? RelatedEventId { get; set; }

    /// <summary>Of an <c>operator_feedback</c>: <c>correct</c>, <c>incorrect</c>, <c>inconclusive</c>, or what else the sender said.</summary>
    public string? Feedback { get; set; }

    /// <summary>E-mail address of the console user who gave this feedback; null when it came by a key, and so from nobody known.</summary>
    public string? Reviewer { get; set; }

    public int ImageCount { get; set; }

    /// <summary>JSON array of the distinct classes of all annotations, as <see cref="JsonText.ArrayOf"/> writes it; null when there is none.</summary>
    public string? Classes { get; set; }

    /// <summary>JSON array with an object for each image, and for each upload of an image, of what it has as metadata; null when there is none.</summary>
    public string? ImageMetadata { get; set; }

    /// <summary>The use case in which the event counted before it was last overwritten; written by the database itself.</summary>
    public int? PreviousUseCaseKey { get; set; }

    /// <summary>Likewise its timestamp: that hour, too, has to be counted anew.</summary>
    public DateTimeOffset? PreviousTimestamp { get; set; }

    /// <summary>SHA-256 of what the sender said: an identical repeat is recognised by it and writes nothing.</summary>
    public required byte[] ContentHash { get; set; }
}

internal sealed class VisionEventConfiguration : IEntityTypeConfiguration<VisionEvent>
{
    public void Configure(EntityTypeBuilder<VisionEvent> builder)
    {
        builder.ToTable("events");
        builder.HasKey(e => e.Key);
        builder.HasIndex(e => new { e.WorkspaceId, e.EventId }).IsUnique();
        builder.HasIndex(e => new { e.UseCaseKey, e.Timestamp, e.Key }).IsDescending(false, true, true);
        builder.HasIndex(e => new { e.WorkspaceId, e.DeviceId, e.Timestamp, e.Key }).IsDescending(false, false, true, true);
        builder.HasIndex(e => new { e.UseCaseKey, e.Timestamp, e.Key }, "ix_events_with_warnings").IsDescending(false, true, true).HasFilter("warnings IS NOT NULL");
        builder.HasIndex(e => new { e.UseCaseKey, e.ExternalId }).HasFilter($"length(external_id) <= {VisionEvent.IndexedLength}");
        builder.HasIndex(e => new { e.WorkspaceId, e.RelatedEventId }).HasFilter("related_event_id IS NOT NULL");
        builder.Property(e => e.EventData).IsJsonOrNull();
        builder.Property(e => e.Images).IsJsonOrNull();
        builder.Property(e => e.CustomMetadata).IsJsonOrNull();
        builder.Property(e => e.Extra).IsJsonOrNull();
        builder.Property(e => e.Warnings).IsJsonOrNull();
        builder.Property(e => e.Classes).IsJsonOrNull();
        builder.Property(e => e.ImageMetadata).IsJsonOrNull();
    }
}
