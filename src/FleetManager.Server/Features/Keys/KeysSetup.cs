using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace FleetManager.Server.Features.Keys;

internal static class KeysSetup
{
    public static void AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyService>();
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.SchemeName, null);
    }

    /// <summary>Admits keys that hold any one of the scopes; none means any key.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(Policy()
            .RequireAssertion(c => scopes.Length == 0 || (c.User.Identity?.IsAuthenticated == true && Caller.Of(c.User).MayAny(scopes)))
            .Build());

    /// <summary>Admits API keys that hold any one of the scopes, and no device: what people's programs do, a device's key can not.</summary>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(Policy()
            .RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && Caller.Of(c.User) is { IsDevice: false } caller && caller.MayAny(scopes))
            .Build());

    /// <summary>Admits device keys only.</summary>
    public static TBuilder RequireDevice<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(Policy()
            .RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && Caller.Of(c.User).IsDevice)
            .Build());

    private static AuthorizationPolicyBuilder Policy() => new AuthorizationPolicyBuilder(KeyAuthentication.SchemeName).RequireAuthenticatedUser();
}
