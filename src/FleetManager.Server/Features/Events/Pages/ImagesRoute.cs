using FleetManager.Server.Features.Accounts;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Where the console's pages find an image.</summary>
internal static class ImagesRoute
{
    public static string Of(WorkspaceScope workspace, string sourceId) => workspace.Path("images", sourceId);
}
