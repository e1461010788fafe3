namespace FleetManager.Server.Features.Accounts;

/// <summary>What a user may be in a workspace.</summary>
internal static class Roles
{
    public const string Owner = "owner";

    /// <summary>Sees everything, changes nothing.</summary>
    public const string Viewer = "viewer";

    public static IReadOnlyList<string> All { get; } = [Owner, "admin", "operator", Viewer];
}
