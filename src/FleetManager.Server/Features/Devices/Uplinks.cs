using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Setup;
using FleetManager.Server.Features.DeviceHistory;

namespace FleetManager.Server.Features.Devices;

/// <summary>
/// Takes what a device says, by MQTT or by REST: checks form, version and sender, and keeps it if it is news. A late or repeated message is
/// taken like any other and changes nothing.
/// </summary>
internal sealed class Uplinks(StatusWriter statuses, UplinkHistory history)
{
    /// <summary>Most bytes of any message.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int SmallMaxBytes = 4 * 1024;

    private delegate bool Teller<in T>(StatusSlot slot, Position at, T body, DateTimeOffset now);

    /// <summary>Null when the message was taken; else why it was refused.</summary>
    public string? Take(DeviceRef device, Uplink uplink, ReadOnlySpan<byte> message)
    {
        var limit = uplink is Uplink.Presence or Uplink.Telemetry ? SmallMaxBytes : MaxBytes;
        if (message.Length > limit)
        {
            return $"{message.Length} bytes are too many, at most {limit} are allowed";
        }

        return uplink switch
        {
            Uplink.Presence => Take(device, uplink, message, ContractsJson.Default.EnvelopePresenceReport, Bad, (s, at, b, now) => s.Presence(at, b, now)),
            Uplink.Settings => Take(device, uplink, message, ContractsJson.Default.EnvelopeReportedSettings, Bad, (s, at, b, now) => s.Settings(at, b, now)),
            Uplink.Sync => Take(device, uplink, message, ContractsJson.Default.EnvelopeSyncReport, Bad, (s, at, b, now) => s.Sync(at, b, now)),
            Uplink.Telemetry => Take(device, uplink, message, ContractsJson.Default.EnvelopeTelemetrySample, Bad, (s, at, b, now) => s.Telemetry(at, b, now)),
            _ => $"this server takes no {Topics.Name(uplink)} messages",
        };
    }

    private string? Take<T>(
        DeviceRef device,
        Uplink uplink,
        ReadOnlySpan<byte> message,
        JsonTypeInfo<Envelope<T>> type,
        Func<T, string?> bad,
        Teller<T> tell)
        where T : class
    {
        Envelope<T>? envelope;
        try
        {
            envelope = JsonSerializer.Deserialize(message, type);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Another major version may have another body, so the version is the better reason.
            return VersionFault(message) ?? $"not a {Topics.Name(uplink)} message: {JsonTypeFault.Describe(fault, message, type)}";
        }

        if (envelope is null)
        {
            return "not an object";
        }

        // One row that the database can not keep would hold up all others.
        if (JsonTypeFault.Unkeepable(message) is { } broken)
        {
            return $"not a {Topics.Name(uplink)} message: {broken}";
        }

        if (HeaderFault(device, uplink, envelope) is { } wrong)
        {
            return wrong;
        }

        if (bad(envelope.Body) is { } member)
        {
            return $"body.{member} is missing or not what it may be";
        }

        if (statuses.Hear(device, (slot, now) => tell(slot, new Position(envelope.Boot, envelope.Seq), envelope.Body, now)))
        {
            history.Heard(device, envelope);
        }

        return null;
    }

    private static string? HeaderFault<T>(DeviceRef device, Uplink uplink, Envelope<T> envelope) => envelope switch
    {
        { V: not 1 } => UnknownVersion(envelope.V),
        _ when envelope.DeviceId != device.Id.Value => $"deviceId is '{envelope.DeviceId}', but this is {device.Id}",
        _ when envelope.Type != Topics.Name(uplink) => $"type is '{envelope.Type}', not {Topics.Name(uplink)}",
        { Boot: < 1 } or { Seq: < 1 } => "boot and seq count from 1",
        { Body: null } => "body is missing",
        _ => null,
    };

    private static string? VersionFault(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize(message, ContractsJson.Default.EnvelopeJsonElement) is { V: not 1 } envelope ? UnknownVersion(envelope.V) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string UnknownVersion(int version) => $"v is {version}; this server speaks version 1";

    // The reader lets null and numbers through where the contract says text, list or word.
    private static string? Bad(PresenceReport body) =>
        body.AgentVersion is null ? "agentVersion"
        : !Enum.IsDefined(body.State) ? "state"
        : null;

    private static string? Bad(ReportedSettings body) =>
        body.Hash is null ? "hash"
        : !Enum.IsDefined(body.State) ? "state"
        : body.Sections is null || body.Sections.Values.Any(s => s is null || !Enum.IsDefined(s.State)) ? "sections"
        : body.Ignored is null || body.Ignored.Contains(null!) ? "ignored"
        : null;

    private static string? Bad(SyncReport body) =>
        !Enum.IsDefined(body.Phase) ? "phase"
        : body.ParkedReasons is null || body.ParkedReasons.Contains(null!) ? "parked_reasons"
        : null;

    private static string? Bad(TelemetrySample body) =>
        IsAbsurd(body.CpuPercent) ? "cpuPercent"
        : IsAbsurd(body.TemperatureCelsius) ? "temperatureCelsius"
        : null;

    // Means are made of these, and sums of the largest doubles are no numbers any more. No nearer: a busy processor is measured as 100.3 %.
    private static bool IsAbsurd(double? figure) => figure is < -1_000 or > 10_000;
}
