namespace FleetManager.Server.Features.Accounts;

/// <summary>What a user may be in a workspace.</summary>
internal static class Roles
{
    public const string Owner = "owner";

    public static IReadOnlyList<string> All { get; } = [Owner, "admin", "operator", "viewer"];
}
