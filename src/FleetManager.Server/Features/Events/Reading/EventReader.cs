using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>
/// Reads one event from the bytes of a body, once, without building a document (vision-events.md 4). Top-level fields that are not ours are
/// kept aside, not refused.
/// </summary>
/// <param name="window">Where timestamps must lie.</param>
/// <param name="fromDevice">Whether a device sent it: only then <c>store</c> means anything.</param>
internal readonly struct EventReader(TimestampWindow window, bool fromDevice)
{
    private static readonly string[] s_types = [.. EventTypes.All];

    private enum Field
    {
        Other, EventId, EventType, UseCaseId, Timestamp, EventData, DeviceId, StreamId, WorkflowId, Images, DisplayImagePosition, CustomMetadata, Comment,
        Store,
    }

    /// <summary>Reads the object that the reader stands on. Fills the event as far as it gets, so that a fault can be told with its id.</summary>
    public void Read(ref Utf8JsonReader json, ReadOnlySpan<byte> body, ParsedEvent parsed)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new EventFaultException("", "An event must be a JSON object.");
        }

        StringBuilder? extra = null;
        HashSet<string>? extraNames = null;
        Utf8JsonReader data = default;
        var seen = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)json.TokenStartIndex;
            var field = FieldOf(ref json);
            if (field == Field.Other)
            {
                var name = JsonValues.Unescape(ref json, "");
                if (!(extraNames ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
                {
                    throw new EventFaultException(name, "is there twice.");
                }

                if (EventPageResult.Names.Contains(name))
                {
                    parsed.Warnings.Add("reserved_field", name, "Answers use this name for what the server says; the field was kept, and is not given back.");
                }

                json.Read();
                JsonValues.Check(ref json, name);
                extra = (extra ?? new StringBuilder("{")).Append(extra is null ? "" : ",").Append(Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]));
                continue;
            }

            var bit = 1 << (int)field;
            if ((seen & bit) != 0)
            {
                throw new EventFaultException(Name(field), "is there twice.");
            }

            seen |= bit;
            json.Read();
            if (field == Field.EventData)
            {
                // What it may hold depends on the type, which may come later.
                data = json;
                json.Skip();
            }
            else if (field == Field.Images)
            {
                parsed.Images = ImagesReader.Read(ref json, body, parsed);
            }
            else
            {
                ReadField(field, ref json, body, parsed);
            }
        }

        parsed.Extra = extra?.Append('}').ToString();
        CheckWhole(parsed);
        if ((seen & (1 << (int)Field.EventData)) != 0)
        {
            parsed.EventData = EventDataReader.Read(ref data, body, parsed);
        }
    }

    private void ReadField(Field field, ref Utf8JsonReader json, ReadOnlySpan<byte> body, ParsedEvent parsed)
    {
        switch (field)
        {
            case Field.EventId:
                parsed.EventId = JsonValues.OptionalText(ref json, "eventId", EventLimits.IdLength);
                break;
            case Field.EventType:
                parsed.EventType = JsonValues.OneOf(ref json, s_types) ?? JsonValues.Text(ref json, "eventType", EventLimits.ShortTextLength);
                break;
            case Field.UseCaseId:
                parsed.UseCase = JsonValues.OptionalText(ref json, "useCaseId", EventLimits.IdLength);
                break;
            case Field.Timestamp:
                parsed.Timestamp = window.Read(ref json, "timestamp");
                break;
            case Field.DeviceId:
                parsed.DeviceId = JsonValues.OptionalText(ref json, "deviceId", EventLimits.IdLength);
                break;
            case Field.StreamId:
                parsed.StreamId = JsonValues.OptionalText(ref json, "streamId", EventLimits.IdLength);
                break;
            case Field.WorkflowId:
                parsed.WorkflowId = JsonValues.OptionalText(ref json, "workflowId", EventLimits.IdLength);
                break;
            case Field.DisplayImagePosition:
                parsed.DisplayImagePosition = ReadPosition(ref json);
                break;
            case Field.CustomMetadata:
                parsed.CustomMetadata = MetadataReader.Read(ref json, body, "customMetadata", parsed.Warnings, parsed.Fields);
                break;
            case Field.Comment:
                parsed.Comment = JsonValues.OptionalText(ref json, "comment", EventLimits.LongTextLength);
                break;
            case Field.Store:
                parsed.Store = StoreReader.Read(ref json);
                break;
        }
    }

    private static int? ReadPosition(ref Utf8JsonReader json)
    {
        const string Path = "displayImagePosition";
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var position = JsonValues.Integer(ref json, Path);
        return position is >= 0 and < EventLimits.Images
            ? (int)position
            : throw new EventFaultException(Path, $"must be an index into images, from 0 to {EventLimits.Images - 1}, but is {position}.");
    }

    private static void CheckWhole(ParsedEvent parsed)
    {
        if (!EventTypes.IsKnown(parsed.EventType))
        {
            var found = parsed.EventType.Length == 0 ? "is missing" : $"is '{parsed.EventType}'";
            throw new EventFaultException("eventType", $"must be one of {string.Join(", ", EventTypes.All)}, but {found}.");
        }

        if (parsed.DisplayImagePosition >= parsed.ImageCount)
        {
            parsed.Warnings.Add("no_such_image", "displayImagePosition", $"The event has {parsed.ImageCount} images.");
        }
    }

    private Field FieldOf(ref Utf8JsonReader json) => 0 switch
    {
        _ when JsonValues.Is(ref json, "eventId"u8) => Field.EventId,
        _ when JsonValues.Is(ref json, "eventType"u8) => Field.EventType,
        _ when JsonValues.Is(ref json, "useCaseId"u8) => Field.UseCaseId,
        // The older name, which edge senders still use.
        _ when JsonValues.Is(ref json, "solution"u8) => Field.UseCaseId,
        _ when JsonValues.Is(ref json, "timestamp"u8) => Field.Timestamp,
        _ when JsonValues.Is(ref json, "eventData"u8) => Field.EventData,
        _ when JsonValues.Is(ref json, "deviceId"u8) => Field.DeviceId,
        _ when JsonValues.Is(ref json, "streamId"u8) => Field.StreamId,
        _ when JsonValues.Is(ref json, "workflowId"u8) => Field.WorkflowId,
        _ when JsonValues.Is(ref json, "images"u8) => Field.Images,
        _ when JsonValues.Is(ref json, "displayImagePosition"u8) => Field.DisplayImagePosition,
        _ when JsonValues.Is(ref json, "customMetadata"u8) => Field.CustomMetadata,
        _ when JsonValues.Is(ref json, "comment"u8) => Field.Comment,
        _ when fromDevice && JsonValues.Is(ref json, "store"u8) => Field.Store,
        _ => Field.Other,
    };

    private static string Name(Field field) => JsonNamingPolicy.CamelCase.ConvertName(field.ToString());
}
