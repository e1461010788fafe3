namespace FleetManager.Server.Features.Accounts;

/// <summary>The workspace that a page shows, and who looks at it: cascades to every page under <c>/w/{slug}</c>.</summary>
public sealed record WorkspaceScope
{
    public required int Id { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    /// <summary>The user's e-mail.</summary>
    public required string Email { get; init; }

    /// <summary>Whether the user may change anything here; pages show no way to, when not.</summary>
    public bool MayChange => Role != Roles.Viewer;

    /// <summary>Who changes something, as written to the audit log. Every change asks for it, and a viewer has none: a forged click fails here.</summary>
    public string Actor => MayChange ? Email : throw new UnauthorizedAccessException($"The role of {Email} in {Slug} is {Role}: it may look, not change.");

    /// <summary>Address of a page of this workspace.</summary>
    public string Path(params ReadOnlySpan<string> segments)
    {
        var path = $"/w/{Slug}";
        foreach (var segment in segments)
        {
            path += "/" + Uri.EscapeDataString(segment);
        }

        return path;
    }
}
