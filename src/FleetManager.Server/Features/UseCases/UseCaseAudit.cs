using System.Text.Json.Nodes;
using FleetManager.Data.Audit;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Audit rows of use cases.</summary>
internal static class UseCaseAudit
{
    public static AuditEntry Entry(int workspaceId, DateTimeOffset at, string actor, string action, string id, string? detail) =>
        new() { WorkspaceId = workspaceId, At = at, Actor = actor, Action = action, Subject = id, Detail = detail };

    public static string Named(string name) => new JsonObject { ["name"] = name }.ToJsonString();

    public static string Renamed(string from, string to) => new JsonObject { ["from"] = from, ["to"] = to }.ToJsonString();
}
