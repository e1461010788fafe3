using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FleetManager.Benchmarks.Events;

/// <summary>The event of all benchmarks as a producer on the device says it.</summary>
internal static class LocalEvents
{
    // Base64 has a plus, which would be escaped.
    private static readonly JsonSerializerOptions s_asItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="random">Decides what is in it.</param>
    /// <param name="image">Base64 of its output and input image; null for an event without pictures.</param>
    public static string Create(Random random, string? image)
    {
        var text = new StringBuilder();
        SampleEvents.Append(text, random, ["none"]);
        var cloud = JsonNode.Parse(text.ToString())!.AsObject();
        var images = cloud["images"]!.DeepClone().AsArray();
        foreach (var entry in images.Select(i => i!.AsObject()))
        {
            entry.Remove("sourceId");
            if (image is not null)
            {
                entry["base64Image"] = image;
                entry["inputBase64Image"] = image;
            }
        }

        return new JsonObject
        {
            ["inference_timestamp"] = "2026-03-30T14:30:00.123456+00:00",
            ["event_schema"] = cloud["eventType"]!.DeepClone(),
            ["event_data"] = cloud["eventData"]!.DeepClone(),
            ["solution"] = cloud["useCaseId"]!.DeepClone(),
            ["device_id"] = cloud["deviceId"]!.DeepClone(),
            ["stream_id"] = cloud["streamId"]!.DeepClone(),
            ["custom_metadata"] = cloud["customMetadata"]!.DeepClone(),
            ["images"] = images,
        }.ToJsonString(s_asItIs);
    }
}
