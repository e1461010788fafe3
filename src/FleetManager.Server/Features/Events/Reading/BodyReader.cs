using System.Text.Json;
using System.Text.Unicode;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads the bodies of the create and batch routes. Does not throw: what is wrong with a body is returned.</summary>
internal static class BodyReader
{
    /// <summary>One event: the event, or the fault.</summary>
    public static BatchItem ReadEvent(ReadOnlySpan<byte> body, EventReader reader, out EventFault? broken)
    {
        BatchItem? item = null;
        broken = Guard(body, (ref Utf8JsonReader json, ReadOnlySpan<byte> bytes) =>
        {
            json.Read();
            item = ReadItem(ref json, bytes, reader);
        });
        return item ?? new BatchItem(null, broken, null);
    }

    /// <summary><c>{"events":[…]}</c>, one item per event in order; the fault is one of the body as a whole.</summary>
    public static IReadOnlyList<BatchItem> ReadBatch(ReadOnlySpan<byte> body, EventReader reader, out EventFault? broken)
    {
        List<BatchItem>? items = null;
        broken = Guard(body, (ref Utf8JsonReader json, ReadOnlySpan<byte> bytes) =>
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new EventFaultException("", "The body must be a JSON object with 'events'.");
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isEvents = JsonValues.Is(ref json, "events"u8);
                json.Read();
                if (isEvents)
                {
                    // The first list would be left out without a word.
                    items = items is not null ? throw new EventFaultException("events", "is there twice.") : ReadItems(ref json, bytes, reader);
                }
                else
                {
                    json.Skip();
                }
            }
        });
        broken ??= items is null ? new EventFault(EventFaultCodes.Invalid, "events", "is missing: send {\"events\":[…]}.") : null;
        return items ?? [];
    }

    internal delegate void ReadBody(ref Utf8JsonReader json, ReadOnlySpan<byte> body);

    /// <summary>Runs a reader over a body; null when it read the body to its end.</summary>
    internal static EventFault? Guard(ReadOnlySpan<byte> body, ReadBody read)
    {
        if (!Utf8.IsValid(body))
        {
            return new EventFault(EventFaultCodes.Invalid, "", "The body is not UTF-8 text.");
        }

        try
        {
            var json = JsonValues.ReaderOf(body);
            read(ref json, body);
            // Anything behind the value is an error that only shows when the reader goes on.
            json.Read();
            return null;
        }
        catch (EventFaultException fault)
        {
            return fault.Fault;
        }
        catch (JsonException fault)
        {
            return JsonFault.Of(fault);
        }
    }

    private static List<BatchItem> ReadItems(ref Utf8JsonReader json, ReadOnlySpan<byte> body, EventReader reader)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType("events", "an array", json.TokenType);
        }

        var items = new List<BatchItem>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (items.Count == EventLimits.BatchSize)
            {
                throw new EventFaultException("events", $"has more than {EventLimits.BatchSize} events: send them in several requests.");
            }

            items.Add(ReadItem(ref json, body, reader));
        }

        return items;
    }

    /// <summary>A bad item leaves the reader behind it, so that the next one can be read.</summary>
    private static BatchItem ReadItem(ref Utf8JsonReader json, ReadOnlySpan<byte> body, EventReader reader)
    {
        var parsed = new ParsedEvent();
        var start = json;
        try
        {
            reader.Read(ref json, body, parsed);
            return new BatchItem(parsed, null, parsed.EventId);
        }
        catch (EventFaultException fault)
        {
            json = start;
            json.Skip();
            return new BatchItem(null, fault.Fault, parsed.EventId);
        }
    }
}
