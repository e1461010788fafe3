using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Workspaces;

/// <summary>
/// The two routes that the reference's SDK and CLI call first (vision-events.md 2.1). They share their paths with the console, so
/// without a key they are not found rather than refused.
/// </summary>
internal static class BootstrapApi
{
    public static void MapBootstrap(this IEndpointRouteBuilder app)
    {
        app.MapPost("/", WhoAmI)
            .RequireScope()
            .WithTags("Bootstrap")
            .WithName("GetKeyWorkspace")
            .WithSummary("Workspace of the key");
        app.MapGet("/{workspace:regex(^[a-z0-9-]+$)}", GetWorkspaceAsync)
            .RequireScope()
            .WithTags("Bootstrap")
            .WithName("GetWorkspace")
            .WithSummary("Name and address of the key's workspace");
    }

    /// <summary>200 <c>{"workspace":"SLUG"}</c>; 401 without a valid key.</summary>
    private static Ok<WorkspaceOfKey> WhoAmI(Caller caller) => TypedResults.Ok(new WorkspaceOfKey(caller.WorkspaceSlug));

    /// <summary>200 with the workspace; 404 when it is not the key's own, so that slugs of others can not be probed.</summary>
    private static async Task<Results<Ok<WorkspaceAnswer>, NotFound<ErrorAnswer>>> GetWorkspaceAsync(
        string workspace,
        Caller caller,
        WorkspaceService workspaces,
        CancellationToken cancellationToken)
    {
        if (workspace != caller.WorkspaceSlug || await workspaces.FindAsync(workspace, cancellationToken) is not { } found)
        {
            return TypedResults.NotFound(new ErrorAnswer($"This key has no workspace '{workspace}'."));
        }

        return TypedResults.Ok(new WorkspaceAnswer(new WorkspaceDto(found.Name, found.Slug, [])));
    }

    /// <param name="Workspace">Slug.</param>
    internal sealed record WorkspaceOfKey(string Workspace);

    /// <param name="Workspace">The workspace.</param>
    internal sealed record WorkspaceAnswer(WorkspaceDto Workspace);

    /// <param name="Name">Display name.</param>
    /// <param name="Url">Slug.</param>
    /// <param name="Projects">Always empty: this server holds no projects, and the SDK insists on the list.</param>
    internal sealed record WorkspaceDto(string Name, string Url, IReadOnlyList<string> Projects);
}
