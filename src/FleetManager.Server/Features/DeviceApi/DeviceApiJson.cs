using System.Text.Json.Serialization;

namespace FleetManager.Server.Features.DeviceApi;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScopeAnswer))]
[JsonSerializable(typeof(DeviceListDto))]
[JsonSerializable(typeof(CreatedDto))]
[JsonSerializable(typeof(ConfigDto))]
[JsonSerializable(typeof(DefaultConfigDto))]
[JsonSerializable(typeof(PageDto<RevisionDto>))]
[JsonSerializable(typeof(PageDto<LogLineDto>))]
[JsonSerializable(typeof(StreamListDto))]
[JsonSerializable(typeof(TelemetryDto))]
[JsonSerializable(typeof(EventPageDto))]
internal sealed partial class DeviceApiJson : JsonSerializerContext;
