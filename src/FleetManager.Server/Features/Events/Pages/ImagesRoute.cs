using FleetManager.Server.Features.Accounts;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Where the console's pages find an image.</summary>
internal static class ImagesRoute
{
    /// <param name="workspace">Owner.</param>
    /// <param name="sourceId">Id of the image.</param>
    /// <param name="variant">A variant's name; empty for the original.</param>
    public static string Of(WorkspaceScope workspace, string sourceId, string variant) =>
        variant.Length == 0 ? workspace.Path("images", sourceId) : workspace.Path("images", sourceId, variant);
}
