using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Workspaces;

/// <summary>The workspace of the key, and how far back it can see.</summary>
internal static class WorkspaceApi
{
    private const int MaxBytes = 4 * 1024;

    public static void MapWorkspace(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/workspace").WithTags("Workspace");
        group.MapGet("", GetAsync)
            .RequireApiKey(Scopes.VisionEventsRead, Scopes.WorkspaceUpdate)
            .WithName("GetWorkspaceSettings")
            .WithSummary("Name and history window of the key's workspace");
        group.MapPatch("", PatchAsync)
            .RequireApiKey(Scopes.WorkspaceUpdate)
            .WithName("ChangeWorkspaceSettings")
            .WithSummary("Changes the history window: a shorter one hides older events at once and deletes them soon after")
            .Accepts<WorkspaceChange>("application/json", JsonBody.AnyType);
        app.MapBootstrap();
    }

    /// <summary>200.</summary>
    private static async Task<Ok<WorkspaceSettings>> GetAsync(Caller caller, WorkspaceService workspaces, CancellationToken cancellationToken)
    {
        var found = await workspaces.FindAsync(caller.WorkspaceSlug, cancellationToken);
        return TypedResults.Ok(new WorkspaceSettings(found!.Slug, found.Name, found.HistoryDays));
    }

    /// <summary>200 with what holds now; 400 for a window that is not 1 to 3 650 days.</summary>
    private static async Task<Results<Ok<WorkspaceSettings>, BadRequest<ErrorAnswer>>> PatchAsync(
        HttpRequest request,
        Caller caller,
        WorkspaceService workspaces,
        HistoryWindow history,
        CancellationToken cancellationToken)
    {
        var (change, malformed) = await JsonBody.ReadAsync(request, WorkspaceJson.Default.WorkspaceChange, MaxBytes, cancellationToken);
        if (change?.HistoryDays is not (>= 1 and <= HistoryWindow.MaxDays and var days))
        {
            return TypedResults.BadRequest(new ErrorAnswer(malformed ?? $"historyDays must be a whole number from 1 to {HistoryWindow.MaxDays}."));
        }

        await history.SetAsync(caller.WorkspaceId, days, caller.Actor, cancellationToken);
        return await GetAsync(caller, workspaces, cancellationToken);
    }
}

/// <param name="Slug">Stands in addresses.</param>
/// <param name="Name">Display name.</param>
/// <param name="HistoryDays">History window in days, <c>lookbackDays</c> elsewhere: older events are invisible, and deleted.</param>
internal sealed record WorkspaceSettings(string Slug, string Name, int HistoryDays);

/// <param name="HistoryDays">1 to 3 650.</param>
internal sealed record WorkspaceChange(int? HistoryDays);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WorkspaceSettings))]
[JsonSerializable(typeof(WorkspaceChange))]
internal sealed partial class WorkspaceJson : JsonSerializerContext;
