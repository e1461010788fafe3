namespace FleetManager.Server.Features.Accounts;

/// <summary>The workspace that a page shows, and who looks at it: cascades to every page under <c>/w/{slug}</c>.</summary>
public sealed record WorkspaceScope
{
    public required int Id { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    /// <summary>The user's e-mail, as written to the audit log.</summary>
    public required string Actor { get; init; }

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
