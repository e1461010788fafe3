using System.Text.Json;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>Writes stored events as the local API answers them: in snake_case (vision-events.md 14.1).</summary>
internal static class StoredEventJson
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["eventType"] = "event_schema",
        ["eventData"] = "event_data",
        ["timestamp"] = "inference_timestamp",
        ["customMetadata"] = "custom_metadata",
        ["workflowId"] = "workflow_id",
        ["workflowVersion"] = "workflow_version",
        ["streamId"] = "stream_id",
        ["imageId"] = "image_id",
        ["displayImagePosition"] = "display_image_position",
        ["objectDetections"] = "object_detections",
        ["instanceSegmentations"] = "instance_segmentations",
        [StoredImages.Output] = "image_hash",
        [StoredImages.Input] = "input_image_hash",
        [StoredImages.Source] = "source_id",
        [StoredImages.InputSource] = "input_source_id",
    };

    public static string NameOf(EventStatus status) => status switch
    {
        EventStatus.Draft => "draft",
        EventStatus.BackedUp => "backed_up",
        EventStatus.Parked => "parked",
        _ => "pending",
    };

    public static void Write(Utf8JsonWriter writer, FoundEvent found)
    {
        var stored = found.Event;
        writer.WriteStartObject();
        writer.WriteString("id", stored.Event.Id);
        if (found.Status != EventStatus.Draft)
        {
            writer.WriteNumber("seq", stored.Seq);
        }

        writer.WriteString("status", NameOf(found.Status));
        writer.WriteString("received_at", stored.ReceivedAt);
        writer.WriteString("solution", stored.Event.UseCase);
        writer.WriteString("device_id", stored.Event.Device);
        using (var body = JsonDocument.Parse(stored.Event.Body))
        {
            WriteRenamed(writer, body.RootElement);
        }

        writer.WriteStartArray("images");
        if (stored.Event.Images is { } images)
        {
            using var document = JsonDocument.Parse(images);
            foreach (var image in document.RootElement.EnumerateArray())
            {
                writer.WriteStartObject();
                WriteRenamed(writer, image);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRenamed(Utf8JsonWriter writer, JsonElement source)
    {
        foreach (var member in source.EnumerateObject())
        {
            writer.WritePropertyName(s_names.GetValueOrDefault(member.Name, member.Name));
            member.Value.WriteTo(writer);
        }
    }
}
