using FleetManager.Contracts.Events;
using FleetManager.Data.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>An event as it was sent: checked on its own, before anything is looked up. JSON parts are the sender's own text.</summary>
internal sealed class ParsedEvent
{
    public string? EventId { get; set; }

    public string EventType { get; set; } = "";

    /// <summary>Id or name; null when the sender named none.</summary>
    public string? UseCase { get; set; }

    /// <summary>UTC, whole microseconds; null when the sender gave none.</summary>
    public DateTimeOffset? Timestamp { get; set; }

    public string? DeviceId { get; set; }

    public string? StreamId { get; set; }

    public string? WorkflowId { get; set; }

    public string? EventData { get; set; }

    public string? Images { get; set; }

    /// <summary>Uploads that it names, in order, each with the position of the image that it is one side of.</summary>
    public List<(int Image, string Path, string SourceId)> Sources { get; } = [];

    public int ImageCount { get; set; }

    /// <summary>Distinct classes of all annotations.</summary>
    public List<string> Classes { get; } = [];

    /// <summary>Metadata of each of its images, an object as JSON text; null for an image that has none.</summary>
    public List<string?> ImageMetadata { get; } = [];

    /// <summary>Metadata keys that it has, of its own and of its images.</summary>
    public List<ParsedField> Fields { get; } = [];

    /// <summary>The console user who gives this feedback. Nothing that a sender says sets it: only the server does, after reading.</summary>
    public string? Reviewer { get; set; }

    public string? ExternalId { get; set; }

    public string? RelatedEventId { get; set; }

    public string? Feedback { get; set; }

    public int? DisplayImagePosition { get; set; }

    public string? CustomMetadata { get; set; }

    public string? Comment { get; set; }

    public string? Extra { get; set; }

    public StorePosition? Store { get; set; }

    public WarningList Warnings { get; } = new();
}

/// <summary>A metadata key with the type of its value.</summary>
internal readonly record struct ParsedField(bool OfImage, string Name, MetadataType Type);

/// <summary>An item of a batch: an event, or what is wrong with it.</summary>
/// <param name="Event">Null when it can not be read.</param>
/// <param name="Fault">Null when it can.</param>
/// <param name="EventId">Its id when that could be read, so that a refusal can name it.</param>
internal sealed record BatchItem(ParsedEvent? Event, EventFault? Fault, string? EventId);
