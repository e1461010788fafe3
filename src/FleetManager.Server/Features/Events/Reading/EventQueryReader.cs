using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads the filter object of a query (vision-events.md 8). Unknown keys are ignored.</summary>
internal static class EventQueryReader
{
    private const int MaxWords = 20;
    private const int MaxCursorLength = 256;

    /// <summary>The query, or the fault.</summary>
    public static EventQuery? Read(ReadOnlySpan<byte> body, out EventFault? fault)
    {
        EventQuery? query = null;
        fault = BodyReader.Guard(body, (ref Utf8JsonReader json, ReadOnlySpan<byte> _) => query = ReadQuery(ref json));
        return fault is null ? query : null;
    }

    private static EventQuery ReadQuery(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new EventFaultException("", "The body must be a JSON object of filters.");
        }

        var query = new EventQuery { UseCaseId = "" };
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonValues.Unescape(ref json, "");
            json.Read();
            if (json.TokenType != JsonTokenType.Null)
            {
                query = ReadFilter(ref json, name, query);
            }
        }

        return query.UseCaseId.Length > 0
            ? query
            : throw new EventFaultException("useCaseId", "is missing: name the use case whose events are wanted.");
    }

    private static EventQuery ReadFilter(ref Utf8JsonReader json, string name, EventQuery query)
    {
        switch (name)
        {
            case "useCaseId":
                return query with { UseCaseId = JsonValues.Text(ref json, name, EventLimits.IdLength) };
            case "eventType":
                return query with { EventTypes = Narrow(query.EventTypes, [ReadWord(ref json, name, EventTypes.All)]) };
            case "eventTypes":
                return query with { EventTypes = Narrow(query.EventTypes, ReadWords(ref json, name, EventTypes.All)) };
            case "startTime":
                return query with { StartTime = ReadTime(ref json, name) };
            case "endTime":
                return query with { EndTime = ReadTime(ref json, name) };
            case "deviceId":
                return query with { DeviceId = FieldFilterReader.Text(ref json, name) };
            case "streamId":
                return query with { StreamId = FieldFilterReader.Text(ref json, name) };
            case "workflowId":
                return query with { WorkflowId = FieldFilterReader.Text(ref json, name) };
            case "externalId":
                return query with { ExternalId = FieldFilterReader.Text(ref json, name) };
            case "detection":
                return query with { Detection = FieldFilterReader.Detection(ref json, name) };
            case "customMetadataFilters":
                return query with { CustomMetadata = FieldFilterReader.Metadata(ref json, name) };
            case "imageMetadataFilters":
                return query with { ImageMetadata = FieldFilterReader.Metadata(ref json, name) };
            case "eventFieldFilters":
                return FieldFilterReader.EventFields(ref json, name, query);
            case "imageCount":
                return query with { ImageCount = FieldFilterReader.Count(ref json, name) };
            case "hasWarnings":
                return query with { HasWarnings = ReadBoolean(ref json, name) };
            case "feedbackStatus":
                return query with { FeedbackStatus = ReadWords(ref json, name, [.. Verdicts.All, Verdicts.None]) };
            case "limit":
                return query with { Limit = ReadLimit(ref json, name) };
            case "cursor":
                return query with { Cursor = ReadCursor(ref json, name) };
            default:
                json.Skip();
                return query;
        }
    }

    private static string ReadWord(ref Utf8JsonReader json, string path, IReadOnlyList<string> words)
    {
        var word = JsonValues.Text(ref json, path, EventLimits.IdLength);
        return words.Contains(word) ? word : throw new EventFaultException(path, $"must be one of {string.Join(", ", words)}, but is '{word}'.");
    }

    private static List<string> ReadWords(ref Utf8JsonReader json, string path, IReadOnlyList<string> words) =>
        JsonValues.Items(ref json, path, "strings", MaxWords, (ref Utf8JsonReader item, string at) => ReadWord(ref item, at, words));

    private static bool ReadBoolean(ref Utf8JsonReader json, string path) => json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw EventFaultException.WrongType(path, "a boolean", json.TokenType),
    };

    private static IReadOnlyList<string> Narrow(IReadOnlyList<string> first, List<string> second)
    {
        if (first.Count == 0 || second.Count == 0)
        {
            return first.Count == 0 ? second : first;
        }

        var both = first.Intersect(second, StringComparer.Ordinal).ToList();
        return both.Count > 0 ? both : throw new EventFaultException("eventTypes", "contradicts eventType: no event can match both.");
    }

    private static DateTimeOffset ReadTime(ref Utf8JsonReader json, string path)
    {
        var text = JsonValues.Text(ref json, path, EventLimits.IdLength);
        return TimestampWindow.TryParse(text, out var at)
            ? at
            : throw new EventFaultException(path, $"must be an ISO 8601 time such as 2026-03-30T14:30:00.000Z, but is '{text}'.");
    }

    private static int ReadLimit(ref Utf8JsonReader json, string path)
    {
        var limit = JsonValues.Integer(ref json, path);
        return limit is >= 1 and <= EventQuery.MaxLimit
            ? (int)limit
            : throw new EventFaultException(path, $"must be from 1 to {EventQuery.MaxLimit}, but is {limit}.");
    }

    private static string? ReadCursor(ref Utf8JsonReader json, string path)
    {
        var text = JsonValues.OptionalText(ref json, path, MaxCursorLength);
        return text is null || EventCursor.TryParse(text, out _)
            ? text
            : throw new EventFaultException(path, "is not a cursor of this server: send nextCursor of the page before, unchanged.");
    }
}
