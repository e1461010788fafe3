using System.Security.Claims;
using FleetManager.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Accounts;

/// <summary>Whether a session is still good: the user is there, is not disabled, and has not changed the password since.</summary>
internal sealed class SessionService(IDbContextFactory<FleetDb> databases)
{
    public async Task<bool> IsCurrentAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        if (ConsoleUser.Of(principal) is not { } user)
        {
            return false;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(
            u => u.Key == user.Key && u.DisabledAt == null && u.SecurityStamp == user.Stamp,
            cancellationToken);
    }

    /// <summary>Every request that carries the cookie is checked, so that a revoked session ends at once.</summary>
    public static async Task ValidateCookieAsync(CookieValidatePrincipalContext context)
    {
        var sessions = context.HttpContext.RequestServices.GetRequiredService<SessionService>();
        if (context.Principal is null || !await sessions.IsCurrentAsync(context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(AccountsSetup.Console);
        }
    }
}
