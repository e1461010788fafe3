using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Agent.Control;
using FleetManager.Agent.Doctor;
using FleetManager.Agent.Sync;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent;

/// <summary>The JSON of the agent's own files and of <c>status --json</c>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(Identity))]
[JsonSerializable(typeof(SettingsRecord))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(List<ClockRun>))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(StoreCheckResult))]
internal sealed partial class AgentJson : JsonSerializerContext;
