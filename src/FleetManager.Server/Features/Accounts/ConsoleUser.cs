using System.Globalization;
using System.Security.Claims;
using FleetManager.Data.Accounts;

namespace FleetManager.Server.Features.Accounts;

/// <summary>The person behind a console session.</summary>
/// <param name="Key">Internal key of the user.</param>
/// <param name="Email">As typed; also the actor in the audit log.</param>
/// <param name="Stamp">Security stamp at sign-in; a session whose stamp is no longer the user's has ended.</param>
internal sealed record ConsoleUser(int Key, string Email, string Stamp)
{
    private const string StampClaim = "fleet:stamp";

    public static ClaimsPrincipal ToPrincipal(User user) => new(new ClaimsIdentity(
    [
        new Claim(ClaimTypes.NameIdentifier, user.Key.ToString(CultureInfo.InvariantCulture)),
        new Claim(ClaimTypes.Name, user.Email),
        new Claim(StampClaim, user.SecurityStamp),
    ], AccountsSetup.Console));

    /// <summary>Null when nobody is signed in.</summary>
    public static ConsoleUser? Of(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true, AuthenticationType: AccountsSetup.Console }
        && int.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var key)
            ? new ConsoleUser(key, principal.Identity.Name ?? "", principal.FindFirstValue(StampClaim) ?? "")
            : null;
}
