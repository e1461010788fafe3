using System.Text.Json;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>Body of the create route. Unknown members are ignored, as everywhere in the reference.</summary>
/// <param name="DeviceName">Name, 1 to 100 characters.</param>
/// <param name="DeviceType">Kind of device: <c>edge</c>, <c>ai1</c>, or any other word.</param>
/// <param name="WorkflowId">Workflow that it is for.</param>
/// <param name="Tags">At most 50; trimmed, without repeats.</param>
/// <param name="OfflineMode">For <c>ai1</c> only, and not offered here: only false is taken.</param>
/// <param name="SourceDeviceId">Device of the same workspace whose settings it starts with; written <c>sourceDeviceId</c>.</param>
internal sealed record NewDevice(
    string DeviceName,
    string? DeviceType,
    string? WorkflowId,
    IReadOnlyList<string> Tags,
    bool? OfflineMode,
    string? SourceDeviceId)
{
    private const int MaxType = 64;
    private const int MaxId = 256;
    private const int MaxTags = 50;
    private const int MaxTag = 100;

    /// <summary>The body, or what is wrong with it and where.</summary>
    public static (NewDevice? Device, string? Fault) Read(ReadOnlySpan<byte> body)
    {
        NewDevice? device = null;
        var fault = BodyReader.Guard(body, (ref Utf8JsonReader json, ReadOnlySpan<byte> _) => device = Read(ref json));
        return fault is null ? (device, null) : (null, fault.ToString());
    }

    private static NewDevice Read(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new EventFaultException("", "The body must be a JSON object with 'device_name'.");
        }

        var device = new NewDevice("", null, null, [], null, null);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonValues.Unescape(ref json, "");
            json.Read();
            device = member switch
            {
                "device_name" => device with { DeviceName = JsonValues.Text(ref json, member, MaxId).Trim() },
                "device_type" => device with { DeviceType = Word(ref json, member, MaxType) },
                "workflow_id" => device with { WorkflowId = Word(ref json, member, MaxId) },
                "sourceDeviceId" => device with { SourceDeviceId = Word(ref json, member, MaxId) },
                "tags" => device with { Tags = ReadTags(ref json) },
                "offline_mode" => device with { OfflineMode = Flag(ref json, member) },
                _ => Skip(ref json, device),
            };
        }

        return DeviceService.IsName(device.DeviceName)
            ? device
            : throw new EventFaultException("device_name", $"must have 1 to {DeviceService.NameLength} characters and no control characters.");
    }

    private static string? Word(ref Utf8JsonReader json, string member, int maxLength)
    {
        var text = JsonValues.OptionalText(ref json, member, maxLength)?.Trim();
        return text is null or "" ? null
            : text.Any(char.IsControl) ? throw new EventFaultException(member, "must not hold control characters.")
            : text;
    }

    private static bool? Flag(ref Utf8JsonReader json, string member) => json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        var found => throw EventFaultException.WrongType(member, "true or false", found),
    };

    private static List<string> ReadTags(ref Utf8JsonReader json)
    {
        var tags = new List<string>();
        if (json.TokenType == JsonTokenType.Null)
        {
            return tags;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType("tags", "an array of strings", json.TokenType);
        }

        for (var i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            var path = $"tags[{i}]";
            if (i == MaxTags)
            {
                throw new EventFaultException("tags", $"has more than {MaxTags} tags.");
            }

            var tag = JsonValues.Text(ref json, path, MaxTag).Trim();
            if (tag.Length == 0 || tag.Any(char.IsControl))
            {
                throw new EventFaultException(path, "must be a text that is not empty and holds no control characters.");
            }

            tags.Add(tag);
        }

        return [.. tags.Distinct(StringComparer.Ordinal)];
    }

    private static NewDevice Skip(ref Utf8JsonReader json, NewDevice device)
    {
        json.Skip();
        return device;
    }
}
