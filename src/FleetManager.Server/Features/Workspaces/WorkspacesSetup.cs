namespace FleetManager.Server.Features.Workspaces;

internal static class WorkspacesSetup
{
    public static void AddWorkspaces(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WorkspaceService>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, WorkspaceJson.Default));
    }
}
