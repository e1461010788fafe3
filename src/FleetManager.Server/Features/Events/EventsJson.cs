using System.Text.Json.Serialization;

namespace FleetManager.Server.Features.Events;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<EventWarning>))]
[JsonSerializable(typeof(CreatedAnswer))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(CountAnswer))]
[JsonSerializable(typeof(MetadataSchemaAnswer))]
[JsonSerializable(typeof(DeleteAnswer))]
internal sealed partial class EventsJson : JsonSerializerContext;
