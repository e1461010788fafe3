using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>The ids of events in a body: <c>{"ids":["…"]}</c>, at most 1 000.</summary>
internal static class IdList
{
    /// <summary>Most bytes of a body with ids.</summary>
    public const long MostBytes = 1024 * 1024;

    private const int MaxIds = 1000;

    public static EventFault? Read(JsonElement body, out List<string> ids)
    {
        var members = new EventMembers(body, "");
        ids = [];
        return members.Fault ?? (members.TryGet("ids", out var list) ? Read(list, ids) : EventFault.Invalid("ids", "must be there: the ids of the events, at most 1000"));
    }

    public static EventFault? Read(JsonElement list, List<string> ids)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxIds)
        {
            return EventFault.Invalid("ids", $"must be an array of 1 to {MaxIds} ids");
        }

        foreach (var item in list.EnumerateArray())
        {
            if (JsonRules.Text(item, JsonRules.At("ids", ids.Count), EventLimits.IdLength, out var id) is { } fault)
            {
                return fault;
            }

            if (id is null)
            {
                return EventFault.Invalid(JsonRules.At("ids", ids.Count), "must be a string");
            }

            ids.Add(id);
        }

        return null;
    }

    public static void Write(Utf8JsonWriter json, string name, IEnumerable<string> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
    }
}
