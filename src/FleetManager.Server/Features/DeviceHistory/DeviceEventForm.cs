using FleetManager.Contracts.Agents;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>The form of a batch of device events; JSON may leave out what the contract requires.</summary>
internal static class DeviceEventForm
{
    private static readonly string[] s_entities = [DeviceHappening.Agent, DeviceHappening.Settings, DeviceHappening.EventStore];

    /// <summary>What is wrong and where; null when nothing is.</summary>
    public static string? Fault(DeviceEventBatch batch)
    {
        if (batch.Boot < 1)
        {
            return "boot: the start number counts from 1.";
        }

        if (batch.Events is not { Count: >= 1 and <= DeviceEventBatch.MaxEvents })
        {
            return $"events: 1 to {DeviceEventBatch.MaxEvents} events make a batch.";
        }

        for (var i = 0; i < batch.Events.Count; i++)
        {
            if (Fault(batch.Events[i]) is { } fault)
            {
                return $"events[{i}]{fault}";
            }
        }

        return batch.Events.DistinctBy(e => e.Seq).Count() == batch.Events.Count ? null : "events: two of them have the same seq.";
    }

    private static string? Fault(DeviceHappening? happening) => happening switch
    {
        null => ": must be an object.",
        { Seq: < 1 } => ".seq: events are numbered from 1.",

        // What the server sees itself, such as presence, no device may say.
        _ when !s_entities.Contains(happening.EntityType) => $".entityType: must be one of {string.Join(", ", s_entities)}.",
        _ when happening.Event is not { Length: >= 1 and <= DeviceEventBatch.MaxNameLength } || !happening.Event.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') =>
            $".event: must have 1 to {DeviceEventBatch.MaxNameLength} small letters, digits and _.",
        _ when happening.Description is not { Length: >= 1 and <= DeviceEventBatch.MaxDescriptionLength } || happening.Description.Contains('\0') =>
            $".description: must have 1 to {DeviceEventBatch.MaxDescriptionLength} characters, none of them NUL.",
        _ => null,
    };
}
