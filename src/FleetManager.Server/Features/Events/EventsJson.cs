using System.Text.Json.Serialization;

namespace FleetManager.Server.Features.Events;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<EventImage>))]
[JsonSerializable(typeof(IReadOnlyList<EventWarning>))]
[JsonSerializable(typeof(CreatedAnswer))]
[JsonSerializable(typeof(BatchAnswer))]
internal sealed partial class EventsJson : JsonSerializerContext;
