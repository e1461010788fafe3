using FleetManager.Data.Accounts;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;

namespace FleetManager.Server.Features.Accounts;

/// <summary>Sign-in of people: a cookie of its own scheme, never accepted by REST routes, which take keys only.</summary>
internal static class AccountsSetup
{
    /// <summary>Name of the authentication scheme and of the policy that demands it.</summary>
    public const string Console = "Console";

    public const string SignInPath = "/account/sign-in";

    private static readonly TimeSpan s_session = TimeSpan.FromDays(7);

    public static void AddAccounts(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<SignInGate>();
        services.AddSingleton<LinkService>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<MembershipService>();
        services.AddSingleton<SessionService>();
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<FirstAdminAnnouncer>(s, System.Console.Out));
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();

        services.AddAuthentication(Console).AddCookie(Console, ConfigureCookie);
        services.AddAuthorizationBuilder().AddPolicy(Console, p => p.AddAuthenticationSchemes(Console).RequireAuthenticatedUser());
    }

    private static void ConfigureCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "fleet-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = s_session;
        options.SlidingExpiration = true;
        options.LoginPath = SignInPath;
        options.AccessDeniedPath = SignInPath;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = SessionService.ValidateCookieAsync;

        // Who sends a key is a program: it gets an answer, and its key does not go into the address of the sign-in page.
        var redirect = options.Events.OnRedirectToLogin;
        options.Events.OnRedirectToLogin = context =>
        {
            if (KeyAuthentication.KeyOf(context.Request) is null)
            {
                return redirect(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
    }
}
