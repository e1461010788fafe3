using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Settings;
using FleetManager.Data.Devices;
using FleetManager.Data.Settings;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Settings;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>
/// The reference's envelope of a device's configuration (vision-events.md 14.2) around the sections that this server keeps. Sensitive: keys
/// that may change settings see the secrets in it, others see a mask.
/// </summary>
/// <param name="DeviceId">The device.</param>
/// <param name="DeviceName">Its name.</param>
/// <param name="WorkspaceId">Slug of its workspace.</param>
/// <param name="Version">Revision of the settings; 0 is the product's defaults.</param>
/// <param name="LastUpdated">When that revision was saved, or the device created.</param>
/// <param name="LastUpdatedAt">The same.</param>
/// <param name="CreatedAt">When the device was created.</param>
/// <param name="Config">What it was created with.</param>
/// <param name="Services">Always empty: the agent is one program and runs no containers.</param>
/// <param name="EventStore">How events are kept on the device.</param>
/// <param name="VisionEventsBackup">How they are sent here.</param>
/// <param name="Telemetry">How often it tells how it is.</param>
/// <param name="Logging">How much it logs.</param>
internal sealed record ConfigDto(
    string DeviceId,
    string DeviceName,
    string WorkspaceId,
    long Version,
    DateTimeOffset LastUpdated,
    DateTimeOffset LastUpdatedAt,
    DateTimeOffset CreatedAt,
    ConfigBaseDto Config,
    IReadOnlyDictionary<string, JsonElement> Services,
    [property: JsonPropertyName("eventStore")] JsonElement EventStore,
    [property: JsonPropertyName("visionEventsBackup")] JsonElement VisionEventsBackup,
    [property: JsonPropertyName("telemetry")] JsonElement Telemetry,
    [property: JsonPropertyName("logging")] JsonElement Logging)
{
    public static ConfigDto Of(Device device, SettingsView settings, Caller caller)
    {
        // Saved by an older server, a document may lack a setting that there is now: the device takes its default.
        var sections = SettingsCheck.Complete(SettingsSecrets.For(caller, settings.Sections));
        var updated = settings.IssuedAt ?? device.CreatedAt;
        return new ConfigDto(
            device.DeviceId,
            device.Name,
            caller.WorkspaceSlug,
            settings.Revision,
            updated,
            updated,
            device.CreatedAt,
            new ConfigBaseDto(device.Type, device.WorkflowId),
            new Dictionary<string, JsonElement>(),
            sections.GetProperty(SettingsCatalog.EventStore.Name),
            sections.GetProperty(SettingsCatalog.VisionEventsBackup.Name),
            sections.GetProperty(SettingsCatalog.Telemetry.Name),
            sections.GetProperty(SettingsCatalog.Logging.Name));
    }
}

/// <param name="DeviceType">Kind of device.</param>
/// <param name="WorkflowId">Workflow that it was created for.</param>
internal sealed record ConfigBaseDto(string? DeviceType, string? WorkflowId);

/// <param name="Config">What a new device starts with: the base and the patch merged.</param>
/// <param name="Patch">What the workspace changes of the base; always empty so far.</param>
internal sealed record DefaultConfigDto(JsonElement Config, JsonElement Patch);

/// <summary>A saved revision of a device's settings.</summary>
/// <param name="RevisionId">Its number, as text.</param>
/// <param name="Version">Its number.</param>
/// <param name="CreatedAt">When it was saved.</param>
/// <param name="CreatedBy">Who saved it.</param>
/// <param name="Hash">Hash of the sections.</param>
/// <param name="Sections">The whole document, secrets masked as in the configuration.</param>
internal sealed record RevisionDto(string RevisionId, long Version, DateTimeOffset CreatedAt, string CreatedBy, string Hash, JsonElement Sections)
{
    public static RevisionDto Of(SettingsRevision saved, Caller caller) => new(
        saved.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
        saved.Revision,
        saved.IssuedAt,
        saved.IssuedBy,
        saved.Hash,
        SettingsSecrets.For(caller, JsonElement.Parse(saved.Sections)));
}
