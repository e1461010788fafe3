using System.Buffers;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Reads an event in either dialect (vision-events.md 4, 14.3): the whole of it, before anything is stored.</summary>
internal sealed class EventParser : IDisposable
{
    private const int VersionLength = 64;

    // The server adds to an event where it came from, and takes no larger one.
    private const int MostOwnBytes = EventLimits.EventBodyBytes - (64 * 1024);

    private static readonly (string Key, int MaxLength)[] s_texts =
    [
        ("workflowId", EventLimits.IdLength),
        ("workflowVersion", VersionLength),
        ("streamId", EventLimits.IdLength),
        ("imageId", EventLimits.IdLength),
        ("comment", EventLimits.LongTextLength),
    ];

    // What the cloud's dialect has beyond the texts; "store" is how the agent itself says where an event comes from.
    private static readonly HashSet<string> s_cloudMembers = EventMembers.Names(
        ["eventId", "eventType", "eventData", "timestamp", "useCaseId", "solution", "deviceId", "images", "displayImagePosition", "customMetadata", "store", .. s_texts.Select(t => t.Key)]);

    private readonly EventDialect _dialect;
    private readonly EventMembers _members;
    private readonly ArrayBufferWriter<byte> _body = new(1024);
    private readonly Utf8JsonWriter _writer;
    private string? _id;
    private string? _useCase;
    private string? _device;
    private byte[]? _images;
    private IReadOnlyList<NewImage> _pictures = [];
    private bool _draft;

    private EventParser(JsonElement body, string path, EventDialect dialect)
    {
        _dialect = dialect;
        _members = new EventMembers(body, path);
        _writer = new Utf8JsonWriter(_body);
    }

    /// <summary>The event of a producer on the device, or what is wrong with it.</summary>
    public static EventFault? Parse(JsonElement body, string id, out NewEvent? parsed)
    {
        using var parser = new EventParser(body, "", EventDialect.Device);
        var fault = parser.Run(DateTimeOffset.UnixEpoch);
        parsed = fault is null ? new NewEvent(parser.Stored(id), parser._pictures, parser._draft) : null;
        return fault;
    }

    /// <summary>The event of a client of the cloud's API, or what is wrong with it.</summary>
    /// <param name="body">The event.</param>
    /// <param name="path">Where it stands in the request.</param>
    /// <param name="now">The time of an event that names none.</param>
    /// <param name="parsed">The event.</param>
    public static EventFault? ParseCloud(JsonElement body, string path, DateTimeOffset now, out CloudArrival? parsed)
    {
        using var parser = new EventParser(body, path, EventDialect.Cloud);
        var fault = parser.Run(now);
        parsed = fault is null ? new CloudArrival(parser.Stored(parser._id ?? Guid.CreateVersion7(now).ToString())) : null;
        return fault;
    }

    public void Dispose() => _writer.Dispose();

    private StoredEvent Stored(string id) => new(id, _useCase, _device, _body.WrittenSpan.ToArray(), _images);

    private EventFault? Run(DateTimeOffset now)
    {
        if (_members.Fault is { } wrong)
        {
            return wrong;
        }

        _writer.WriteStartObject();
        var fault = TypeAndData()
            ?? Timestamp(now)
            ?? Texts()
            ?? CustomMetadata()
            ?? Images()
            ?? (_dialect.IsCloud ? CloudOnly() : DeviceOnly())
            ?? _members.Text("deviceId", EventLimits.IdLength, out _device);
        if (fault is not null)
        {
            return fault;
        }

        _writer.WriteEndObject();
        _writer.Flush();
        (_id, _useCase, _device) = (Present(_id), Present(_useCase), Present(_device));
        var bytes = _body.WrittenCount + (_images?.Length ?? 0);
        return bytes > MostOwnBytes
            ? new EventFault(StatusCodes.Status413PayloadTooLarge, $"the event has {bytes} bytes without its pictures; it may have {MostOwnBytes}")
            : _dialect.IsCloud && _useCase is null ? Invalid("useCaseId", "is required: the id or the name of a use case")
            : null;
    }

    private EventFault? TypeAndData()
    {
        if (_members.Text(_dialect.Type, EventLimits.IdLength, out var type) is not null || !EventTypes.IsKnown(type))
        {
            return Invalid(_dialect.Type, $"is required and must be one of {string.Join(", ", EventTypes.All)}");
        }

        _writer.WriteString("eventType", type);
        if (!_members.TryGet(_dialect.Data, out var data))
        {
            return _dialect.IsCloud ? null : Invalid(_dialect.Data, "is required (it may be {})");
        }

        if (EventDataRules.Check(data, type!, _members.PathOf(_dialect.Data), isStrict: !_dialect.IsCloud) is { } fault)
        {
            return fault;
        }

        _writer.WriteStartObject("eventData");
        foreach (var member in data.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                member.WriteTo(_writer);
            }
        }

        _writer.WriteEndObject();
        return null;
    }

    private EventFault? Timestamp(DateTimeOffset now)
    {
        if (_members.Text(_dialect.Time, EventTimes.MaxLength, out var text) is { } fault)
        {
            return fault;
        }

        // Only the server knows what time it is, so only it can tell a time that is too old or not yet.
        if (EventTimes.TryRead(text, out var time))
        {
            _writer.WriteString("timestamp", time);
            return null;
        }

        if (_dialect.IsCloud && text is null)
        {
            _writer.WriteString("timestamp", EventTimes.Write(now));
            return null;
        }

        return Invalid(_dialect.Time, $"{(_dialect.IsCloud ? "" : "is required and ")}must be an ISO 8601 time, such as 2026-03-30T14:30:00.123456+00:00");
    }

    private EventFault? Texts()
    {
        foreach (var (key, maxLength) in s_texts)
        {
            if (_members.Text(key, maxLength, out var text) is { } fault)
            {
                return fault;
            }

            if (Present(text) is { } present)
            {
                _writer.WriteString(key, present);
            }
        }

        return null;
    }

    private EventFault? CustomMetadata()
    {
        if (!_members.TryGet(_dialect.Metadata, out var metadata))
        {
            return null;
        }

        if (JsonRules.Metadata(metadata, _members.PathOf(_dialect.Metadata), isStrict: !_dialect.IsCloud) is { } fault)
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
        var parser = new ImageParser(writer, _dialect);
        if (parser.Parse(images, _members.PathOf("images")) is { } fault)
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
            return Invalid("displayImagePosition", $"must be the index of one of the {images.GetArrayLength()} images");
        }

        _writer.WriteNumber("displayImagePosition", index);
        return null;
    }

    private EventFault? DeviceOnly()
    {
        if (_members.TryGet("draft", out var draft))
        {
            _draft = draft.ValueKind == JsonValueKind.True;
            if (!_draft && draft.ValueKind != JsonValueKind.False)
            {
                return Invalid("draft", "must be true or false");
            }
        }

        return _members.Text("solution", EventLimits.IdLength, out _useCase);
    }

    private EventFault? CloudOnly()
    {
        foreach (var (name, value) in _members.Others(s_cloudMembers))
        {
            if (JsonRules.Clean(value, _members.PathOf(name)) is { } fault)
            {
                return fault;
            }

            _writer.WritePropertyName(name);
            value.WriteTo(_writer);
        }

        return _members.Text("eventId", EventLimits.IdLength, out _id)
            ?? _members.Text(_members.TryGet("useCaseId", out _) ? "useCaseId" : "solution", EventLimits.IdLength, out _useCase);
    }

    private EventFault Invalid(string key, string rule) => EventFault.Invalid(_members.PathOf(key), rule);

    private static string? Present(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
