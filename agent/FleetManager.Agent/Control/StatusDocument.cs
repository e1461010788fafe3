using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Control;

/// <summary>What <c>fleet-agent status</c> shows.</summary>
/// <param name="Running">Whether an agent works in this directory.</param>
/// <param name="AgentVersion">Version of the program that answers.</param>
/// <param name="DeviceId">The device; null when it is not enrolled.</param>
/// <param name="Name">Its name.</param>
/// <param name="Workspace">Its workspace.</param>
/// <param name="Server">Its server.</param>
/// <param name="Mqtt">State of the connection to the broker; null when no agent is running.</param>
/// <param name="EventStore">Where the Event Store API listens; null when it does not.</param>
/// <param name="SettingsRevision">Revision of the settings it last decided on; 0 is the product's defaults.</param>
/// <param name="SettingsState">What became of that revision.</param>
/// <param name="Sync">The sync report.</param>
internal sealed record StatusDocument(
    bool Running,
    string AgentVersion,
    string? DeviceId,
    string? Name,
    string? Workspace,
    string? Server,
    string? Mqtt,
    string? EventStore,
    long SettingsRevision,
    SettingsState? SettingsState,
    SyncReport Sync);
