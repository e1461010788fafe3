using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Reads the body of <c>POST /v2/events</c> (vision-events.md 14.3): the whole of it, before anything is stored.</summary>
internal sealed class EventParser : IDisposable
{
    private const int VersionLength = 64;

    private static readonly (string Key, int MaxLength)[] s_texts =
    [
        ("workflowId", EventLimits.IdLength),
        ("workflowVersion", VersionLength),
        ("streamId", EventLimits.IdLength),
        ("imageId", EventLimits.IdLength),
        ("comment", EventLimits.LongTextLength),
    ];

    private readonly EventMembers _members;
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly Utf8JsonWriter _writer;
    private string? _useCase;
    private string? _device;
    private byte[]? _images;
    private IReadOnlyList<NewImage> _pictures = [];
    private bool _draft;

    private EventParser(JsonElement body)
    {
        _members = new EventMembers(body, "");
        _writer = new Utf8JsonWriter(_body);
    }

    /// <summary>The event, or what is wrong with it.</summary>
    public static EventFault? Parse(JsonElement body, string id, out NewEvent? parsed)
    {
        using var parser = new EventParser(body);
        var fault = parser.Run();
        parsed = fault is not null ? null : new NewEvent(
            new StoredEvent(id, parser._useCase, parser._device, parser._body.WrittenSpan.ToArray(), parser._images),
            parser._pictures,
            parser._draft);
        return fault;
    }

    public void Dispose() => _writer.Dispose();

    private EventFault? Run()
    {
        if (_members.Fault is { } wrong)
        {
            return wrong;
        }

        _writer.WriteStartObject();
        var fault = Schema()
            ?? Timestamp()
            ?? s_texts.Select(t => Text(t.Key, t.MaxLength)).FirstOrDefault(f => f is not null)
            ?? CustomMetadata()
            ?? Images()
            ?? Draft()
            ?? _members.Text("solution", EventLimits.IdLength, out _useCase)
            ?? _members.Text("deviceId", EventLimits.IdLength, out _device);
        _writer.WriteEndObject();
        _writer.Flush();
        (_useCase, _device) = (Present(_useCase), Present(_device));
        return fault;
    }

    private EventFault? Schema()
    {
        if (!_members.TryGet("eventSchema", out var schema) || schema.ValueKind != JsonValueKind.String || !EventTypes.IsKnown(schema.GetString()))
        {
            return EventFault.Invalid("event_schema", $"is required and must be one of {string.Join(", ", EventTypes.All)}");
        }

        if (!_members.TryGet("eventData", out var data))
        {
            return EventFault.Invalid("event_data", "is required (it may be {})");
        }

        var type = schema.GetString()!;
        if (EventDataRules.Check(data, type, "event_data") is { } fault)
        {
            return fault;
        }

        _writer.WriteString("eventType", type);
        _writer.WriteStartObject("eventData");
        foreach (var member in data.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
        {
            member.WriteTo(_writer);
        }

        _writer.WriteEndObject();
        return null;
    }

    private EventFault? Timestamp()
    {
        var fault = _members.Text("inferenceTimestamp", 64, out var text);
        if (fault is not null)
        {
            return fault;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            return EventFault.Invalid("inference_timestamp", "is required and must be an ISO 8601 time, such as 2026-03-30T14:30:00.123456+00:00");
        }

        _writer.WriteString("timestamp", at.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        return null;
    }

    private EventFault? Text(string key, int maxLength)
    {
        if (_members.Text(key, maxLength, out var text) is { } fault)
        {
            return fault;
        }

        if (Present(text) is { } present)
        {
            _writer.WriteString(key, present);
        }

        return null;
    }

    private EventFault? CustomMetadata()
    {
        if (!_members.TryGet("customMetadata", out var metadata))
        {
            return null;
        }

        if (JsonRules.Metadata(metadata, "custom_metadata") is { } fault)
        {
            return fault;
        }

        _writer.WritePropertyName("customMetadata");
        metadata.WriteTo(_writer);
        return null;
    }

    private EventFault? Images()
    {
        if (!_members.TryGet("images", out var images) || (images.ValueKind == JsonValueKind.Array && images.GetArrayLength() == 0))
        {
            // A position without images means nothing; a block of the reference may send one.
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        var parser = new ImageParser(writer);
        if (parser.Parse(images) is { } fault)
        {
            return fault;
        }

        writer.Flush();
        (_images, _pictures) = (buffer.WrittenSpan.ToArray(), parser.Pictures);
        if (!_members.TryGet("displayImagePosition", out var position))
        {
            return null;
        }

        if (position.ValueKind != JsonValueKind.Number || !position.TryGetInt32(out var index) || index < 0 || index >= images.GetArrayLength())
        {
            return EventFault.Invalid("displayImagePosition", $"must be the index of one of the {images.GetArrayLength()} images");
        }

        _writer.WriteNumber("displayImagePosition", index);
        return null;
    }

    private EventFault? Draft()
    {
        if (!_members.TryGet("draft", out var draft))
        {
            return null;
        }

        _draft = draft.ValueKind == JsonValueKind.True;
        return _draft || draft.ValueKind == JsonValueKind.False ? null : EventFault.Invalid("draft", "must be true or false");
    }

    private static string? Present(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
