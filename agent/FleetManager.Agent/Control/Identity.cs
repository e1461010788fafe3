using System.Text.Json;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Control;

/// <summary>
/// Who this device is. The key is made here and kept before the server hears of it, so that an enrollment whose answer was lost can be
/// repeated: the same key gets the same device.
/// </summary>
/// <param name="Server">Address of the server.</param>
/// <param name="DeviceKey">The device's secret.</param>
/// <param name="DeviceId">Given by the server; null until it has answered.</param>
/// <param name="Name">The name it is shown under.</param>
/// <param name="Workspace">Its workspace.</param>
/// <param name="Mqtt">Its broker.</param>
/// <param name="Proved">Whether REST and MQTT were both seen to work: the device is enrolled.</param>
internal sealed record Identity(
    string Server,
    string DeviceKey,
    string? DeviceId = null,
    string? Name = null,
    string? Workspace = null,
    MqttAddress? Mqtt = null,
    bool Proved = false)
{
    public const string FileName = "identity.json";

    /// <summary>The id as a type; only an identity that the server has answered has one.</summary>
    public DeviceId Device() => Contracts.DeviceId.TryParse(DeviceId, out var id) ? id : throw new InvalidOperationException("not enrolled");

    public Topics Topics() => new(Mqtt!.TopicRoot);

    public static Identity? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), AgentJson.Default.Identity) : null;
        }
        catch (JsonException e)
        {
            throw new AgentFault($"the identity file {path} can not be read ({e.Message}): restore it from a copy, or delete it and enroll the device again", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new AgentFault($"the identity file {path} may not be read by this user: run fleet-agent as the user that enrolled the device", e);
        }
    }

    public void Save(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Default.Identity));
}
