namespace FleetManager.Server.Features.Accounts;

/// <summary>Where to go after sign-in: a path of this server, never another site.</summary>
internal static class ReturnUrl
{
    private const int MaxLength = 2000;

    /// <summary>The address itself when it is a local path, else the start page.</summary>
    public static string Safe(string? url) =>
        url is { Length: > 0 and <= MaxLength }
        && url[0] == '/'
        && (url.Length == 1 || url[1] is not ('/' or '\\'))
        && !url.Contains('\\')
        && !url.Any(char.IsControl)
        && !url.StartsWith("/account/", StringComparison.OrdinalIgnoreCase)
            ? url
            : "/";
}
