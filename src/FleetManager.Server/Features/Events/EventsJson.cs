using System.Text.Json;
using System.Text.Json.Serialization;

namespace FleetManager.Server.Features.Events;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<EventImage>))]
[JsonSerializable(typeof(IReadOnlyList<EventWarning>))]
internal sealed partial class EventsJson : JsonSerializerContext;
