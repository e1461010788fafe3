using System.Security.Claims;
using FleetManager.Contracts;

namespace FleetManager.Server.Features.Keys;

/// <summary>Who calls a REST route: the workspace, and for a device its identity, come from the credential and from nowhere else (G4).</summary>
internal sealed record Caller
{
    private const string WorkspaceClaim = "fleet:workspace";
    private const string SlugClaim = "fleet:slug";
    private const string DeviceClaim = "fleet:device";
    private const string DeviceKeyClaim = "fleet:device-key";
    private const string ActorClaim = "fleet:actor";
    private const string ScopeClaim = "fleet:scope";
    private const string AllScopes = "*";

    public required int WorkspaceId { get; init; }

    public required string WorkspaceSlug { get; init; }

    /// <summary>As written to the audit log: <c>key:PREFIX</c> or <c>device:ID</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The device whose key this is; null for an API key.</summary>
    public DeviceId? DeviceId { get; init; }

    /// <summary>Its internal key.</summary>
    public int? DeviceKey { get; init; }

    /// <summary>Null grants everything.</summary>
    public IReadOnlySet<string>? GrantedScopes { get; init; }

    public bool IsDevice => DeviceKey is not null;

    /// <summary>True when any one of the scopes is granted.</summary>
    public bool MayAny(params ReadOnlySpan<string> scopes)
    {
        if (GrantedScopes is null)
        {
            return true;
        }

        foreach (var scope in scopes)
        {
            if (GrantedScopes.Contains(scope))
            {
                return true;
            }
        }

        return false;
    }

    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var claims = new List<Claim>
        {
            new(WorkspaceClaim, WorkspaceId.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new(SlugClaim, WorkspaceSlug),
            new(ActorClaim, Actor),
        };
        if (DeviceId is { } device)
        {
            claims.Add(new Claim(DeviceClaim, device.Value));
            claims.Add(new Claim(DeviceKeyClaim, DeviceKey!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        claims.AddRange((GrantedScopes ?? new HashSet<string> { AllScopes }).Select(s => new Claim(ScopeClaim, s)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    /// <summary>Lets a handler take a <see cref="Caller"/> as a parameter; the route's policy has made sure that there is one.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(Of(context.User));

    public static Caller Of(ClaimsPrincipal user)
    {
        var scopes = user.FindAll(ScopeClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal);
        return new Caller
        {
            WorkspaceId = Number(user, WorkspaceClaim) ?? throw new InvalidOperationException("The route lacks a key policy."),
            WorkspaceSlug = user.FindFirstValue(SlugClaim)!,
            Actor = user.FindFirstValue(ActorClaim)!,
            DeviceId = Contracts.DeviceId.TryParse(user.FindFirstValue(DeviceClaim), out var id) ? id : null,
            DeviceKey = Number(user, DeviceKeyClaim),
            GrantedScopes = scopes.Contains(AllScopes) ? null : scopes,
        };
    }

    private static int? Number(ClaimsPrincipal user, string claim) =>
        int.TryParse(user.FindFirstValue(claim), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
