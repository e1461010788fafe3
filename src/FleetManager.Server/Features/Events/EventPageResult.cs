using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Features.Events;

/// <summary>
/// A page of events as the reference answers it (vision-events.md 8). Written by hand, because most of an event is JSON text already: it is
/// copied, not parsed and built anew.
/// </summary>
internal sealed class EventPageResult(EventPage page, int lookbackDays) : IResult
{
    /// <summary>What answers say of an event in their own words. A sender's field of the same name can not stand beside them.</summary>
    public static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal, "eventId", "eventType", "timestamp", "deviceId", "streamId", "workflowId", "eventData", "images", "displayImagePosition",
        "customMetadata", "comment", "warnings");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("events");
        var urlOf = httpContext.RequestServices.GetRequiredService<ImageLinks>().UrlsFor(httpContext.Request, Caller.Of(httpContext.User).WorkspaceId);
        foreach (var item in page.Events)
        {
            Write(json, item, urlOf);
        }

        json.WriteEndArray();
        json.WriteString("nextCursor", page.NextCursor);
        json.WriteBoolean("hasMore", page.HasMore);
        json.WriteNumber("lookbackDays", lookbackDays);
        json.WriteEndObject();
        await json.FlushAsync(httpContext.RequestAborted);
    }

    /// <summary>The use case is not repeated per event; sources and positions are there only when set.</summary>
    private static void Write(Utf8JsonWriter json, EventDto item, Func<string, string> urlOf)
    {
        json.WriteStartObject();
        json.WriteString("eventId", item.EventId);
        json.WriteString("eventType", item.EventType);
        json.WriteString("timestamp", item.Timestamp.UtcDateTime);
        WriteText(json, "deviceId", item.DeviceId);
        WriteText(json, "streamId", item.StreamId);
        WriteText(json, "workflowId", item.WorkflowId);
        WriteRaw(json, "eventData", item.EventData ?? "{}");
        json.WritePropertyName("images");
        ImageUrls.Write(json, item.Images, urlOf);
        if (item.DisplayImagePosition is { } position)
        {
            json.WriteNumber("displayImagePosition", position);
        }

        WriteRaw(json, "customMetadata", item.CustomMetadata ?? "{}");
        WriteText(json, "comment", item.Comment);
        WriteRaw(json, "warnings", item.Warnings);
        WriteExtra(json, item.Extra);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string? raw)
    {
        if (raw is not null)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(raw, skipInputValidation: true);
        }
    }

    /// <summary>Fields that are not ours come back where they were: beside ours.</summary>
    private static void WriteExtra(Utf8JsonWriter json, string? extra)
    {
        if (extra is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(extra);
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!Names.Contains(name))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(bytes.AsSpan(start..(int)reader.BytesConsumed), skipInputValidation: true);
            }
        }
    }
}
