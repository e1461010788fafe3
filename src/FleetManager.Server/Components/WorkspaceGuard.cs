using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Components.Endpoints;

namespace FleetManager.Server.Components;

/// <summary>
/// Gives pages under <c>/w/{slug}</c> their true status: 404 for an unknown page and for a workspace that is not the user's own. The
/// page itself is drawn by the circuit, which asks again.
/// </summary>
internal sealed class WorkspaceGuard(RequestDelegate next, MembershipService memberships)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (SlugOf(context.Request.Path) is { } slug && ConsoleUser.Of(context.User) is { } user)
        {
            var page = context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;
            if (page == typeof(Pages.NotFound) || await memberships.FindAsync(user, slug, context.RequestAborted) is null)
            {
                // Set early, the status would make the renderer answer without a body.
                context.Response.OnStarting(() =>
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                });
            }
        }

        await next(context);
    }

    /// <summary>Slug in a path of the form <c>/w/{slug}/…</c>; null for every other path.</summary>
    public static string? SlugOf(PathString path) =>
        path.StartsWithSegments("/w", out var rest) && rest.Value is { Length: > 1 } text ? text[1..].Split('/', 2)[0] : null;
}
