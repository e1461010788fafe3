using System.Text.Json;

namespace FleetManager.Server.Features.Events;

/// <summary>Something about an event that was odd but no reason to refuse it; stored with it.</summary>
/// <param name="Code">For programs, such as <c>unknown_field</c>.</param>
/// <param name="Path">Where in the event.</param>
/// <param name="Message">For people.</param>
internal sealed record EventWarning(string Code, string Path, string Message)
{
    /// <summary>Reads <see cref="EventDto.Warnings"/>.</summary>
    public static IReadOnlyList<EventWarning> ReadAll(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, EventsJson.Default.IReadOnlyListEventWarning) ?? [];
}
