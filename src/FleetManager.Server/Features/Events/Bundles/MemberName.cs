namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>
/// Names of archive members. None is ever used as a path here, so none could do harm; one that tries to is still a sign that the bundle is not what
/// it says, and the next program might be less careful.
/// </summary>
internal static class MemberName
{
    private const int MaxLength = 1024;

    /// <summary>The name without a leading <c>./</c>; a bad request when it is absolute, climbs, or is no text.</summary>
    public static string Check(string name)
    {
        if (name.Length > MaxLength || name.Any(c => char.IsControl(c) || c is '\\' or ':' or '\uFFFD'))
        {
            throw new BadHttpRequestException($"The bundle holds a member whose name is longer than {MaxLength} characters, or holds '\\', ':' or characters that are no text.");
        }

        return name.StartsWith('/') || name.Split('/').Contains("..")
            ? throw new BadHttpRequestException($"The bundle holds '{name}': names must be relative and without '..'.")
            : string.Join('/', name.Split('/').Where(part => part is not ("" or ".")));
    }
}
