using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using MudBlazor;
using MudBlazor.Services;

namespace FleetManager.Server.Components;

/// <summary>The console: Blazor Server pages, sign-in, and what protects both.</summary>
internal static class ConsoleSetup
{
    public static void AddConsole(this IHostApplicationBuilder builder)
    {
        builder.AddAccounts();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(o =>
        {
            // A tab that went to sleep finds its page again for this long; each kept circuit costs memory.
            o.DisconnectedCircuitMaxRetained = 100;
            o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(5);
        });
        builder.Services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            o.SnackbarConfiguration.VisibleStateDuration = 4000;
            o.SnackbarConfiguration.ShowTransitionDuration = 120;
            o.SnackbarConfiguration.HideTransitionDuration = 120;
        });
        builder.Services.AddScoped<Browser>();
    }

    /// <summary>What every request passes, in this order: headers stand on refusals too, and the guard needs to know the user.</summary>
    public static void UseConsole(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<WorkspaceGuard>();
        app.UseAntiforgery();
    }

    public static void MapConsole(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapGet("/", StartAsync).AllowAnonymous().ExcludeFromDescription();

        // Deny first: sign-in pages say of themselves that they admit everybody, the circuit's endpoints can not.
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = "'none'")
            .RequireAuthorization(AccountsSetup.Console);
    }

    /// <summary>Sends a member to the first workspace, everybody else to the sign-in.</summary>
    private static async Task<RedirectHttpResult> StartAsync(HttpContext http, MembershipService memberships, CancellationToken cancellationToken)
    {
        if (ConsoleUser.Of(http.User) is not { } user)
        {
            return TypedResults.LocalRedirect(AccountsSetup.SignInPath);
        }

        var workspaces = await memberships.ListAsync(user, cancellationToken);
        return TypedResults.LocalRedirect(workspaces is [var first, ..] ? first.Path("vision-events") : "/w/none");
    }
}
