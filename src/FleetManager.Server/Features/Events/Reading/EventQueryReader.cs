using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads the filter object of a query (vision-events.md 8). Unknown keys are ignored; a known filter that is not built is refused.</summary>
internal static class EventQueryReader
{
    private const int MaxTypes = 20;
    private const int MaxCursorLength = 256;

    private static readonly string[] s_notSupported =
        ["detection", "customMetadataFilters", "imageMetadataFilters", "eventFieldFilters", "imageCount", "hasWarnings", "feedbackStatus"];

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
                return query with { EventTypes = Narrow(query.EventTypes, [ReadType(ref json, name)]) };
            case "eventTypes":
                return query with { EventTypes = Narrow(query.EventTypes, ReadTypes(ref json, name)) };
            case "startTime":
                return query with { StartTime = ReadTime(ref json, name) };
            case "endTime":
                return query with { EndTime = ReadTime(ref json, name) };
            case "deviceId":
                return query with { DeviceId = TextFilterReader.Read(ref json, name) };
            case "streamId":
                return query with { StreamId = TextFilterReader.Read(ref json, name) };
            case "workflowId":
                return query with { WorkflowId = TextFilterReader.Read(ref json, name) };
            case "externalId":
                return query with { ExternalId = TextFilterReader.Read(ref json, name) };
            case "limit":
                return query with { Limit = ReadLimit(ref json, name) };
            case "cursor":
                return query with { Cursor = ReadCursor(ref json, name) };
            default:
                // An answer that ignored a filter would be taken for the truth.
                if (s_notSupported.Contains(name))
                {
                    throw new EventFaultException(name, "this filter is not supported by this server yet: leave it out.");
                }

                json.Skip();
                return query;
        }
    }

    private static string ReadType(ref Utf8JsonReader json, string path)
    {
        var type = JsonValues.Text(ref json, path, EventLimits.IdLength);
        return EventTypes.IsKnown(type)
            ? type
            : throw new EventFaultException(path, $"must be one of {string.Join(", ", EventTypes.All)}, but is '{type}'.");
    }

    private static List<string> ReadTypes(ref Utf8JsonReader json, string path)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType(path, "an array of strings", json.TokenType);
        }

        var types = new List<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (types.Count == MaxTypes)
            {
                throw new EventFaultException(path, $"has more than {MaxTypes} entries.");
            }

            types.Add(ReadType(ref json, $"{path}[{types.Count}]"));
        }

        return types;
    }

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
