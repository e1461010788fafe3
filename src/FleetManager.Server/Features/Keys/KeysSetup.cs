using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace FleetManager.Server.Features.Keys;

internal static class KeysSetup
{
    private const string Json = "application/json";

    // What every route with a key may answer, whatever it does.
    private static readonly object[] s_refusals =
    [
        .. new[] { StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status503ServiceUnavailable }
            .Select(status => new ProducesResponseTypeMetadata(status, typeof(ErrorAnswer), [Json])),
    ];

    public static void AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyService>();
        builder.Services.AddSingleton<ApiKeyService>();
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.SchemeName, null);
    }

    /// <summary>Admits keys that hold any one of the scopes; none means any key.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        Require(endpoint, new KeyNeed(KeyKind.Any, scopes), caller => scopes.Length == 0 || caller.MayAny(scopes));

    /// <summary>Admits API keys that hold any one of the scopes, and no device: what people's programs do, a device's key can not.</summary>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        Require(endpoint, new KeyNeed(KeyKind.ApiKey, scopes), caller => !caller.IsDevice && caller.MayAny(scopes));

    /// <summary>Admits device keys only.</summary>
    public static TBuilder RequireDevice<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        Require(endpoint, new KeyNeed(KeyKind.Device, []), caller => caller.IsDevice);

    private static TBuilder Require<TBuilder>(TBuilder endpoint, KeyNeed need, Func<Caller, bool> admits)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(new AuthorizationPolicyBuilder(KeyAuthentication.SchemeName)
                .RequireAuthenticatedUser()
                .RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && admits(Caller.Of(c.User)))
                .Build())
            .WithMetadata([need, .. s_refusals]);
}
