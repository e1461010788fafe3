using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Contracts;

/// <summary>The one JSON context of everything that crosses a wire: camelCase, unknown members ignored, enums as words.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Envelope<PresenceReport>))]
[JsonSerializable(typeof(Envelope<ReportedSettings>))]
[JsonSerializable(typeof(Envelope<SyncReport>))]
[JsonSerializable(typeof(Envelope<TelemetrySample>))]
[JsonSerializable(typeof(Envelope<DesiredSettings>))]
[JsonSerializable(typeof(Envelope<JsonElement>))]
[JsonSerializable(typeof(AgentSettings))]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrollAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(Receipts))]
[JsonSerializable(typeof(LossReport))]
[JsonSerializable(typeof(ExportManifest))]
[JsonSerializable(typeof(LogBatch))]
[JsonSerializable(typeof(DeviceEventBatch))]
[JsonSerializable(typeof(PartialBatchAnswer))]
[JsonSerializable(typeof(StorePosition))]
[JsonSerializable(typeof(UploadAnswer))]
public sealed partial class ContractsJson : JsonSerializerContext;
