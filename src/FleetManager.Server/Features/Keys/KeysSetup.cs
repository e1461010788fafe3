using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;

namespace FleetManager.Server.Features.Keys;

internal static class KeysSetup
{
    private static readonly (int Status, string Description)[] s_refusals =
    [
        (StatusCodes.Status401Unauthorized, "No key, or one that is unknown, disabled, expired or rolled"),
        (StatusCodes.Status403Forbidden, "The key may not do this"),
        (StatusCodes.Status503ServiceUnavailable, "The server is busy or its database does not answer; Retry-After says when to come again"),
    ];

    private static readonly (int Status, string Description)[] s_bodyRefusals =
    [
        (StatusCodes.Status400BadRequest, "The body can not be read: the text says where and why"),
        (StatusCodes.Status413PayloadTooLarge, "The body is larger than this route takes"),
    ];

    public static void AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyService>();
        builder.Services.AddSingleton<ApiKeyService>();

        // It tells of every refusal, and whoever is refused may come as often as they like: the answer says it all.
        builder.Logging.AddFilter(typeof(KeyAuthentication).FullName, LogLevel.Warning);
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

    /// <summary>Says what key a route takes, and what it answers to others; for one whose policy is its own.</summary>
    public static TBuilder DeclareKey<TBuilder>(this TBuilder endpoint, KeyNeed need)
        where TBuilder : IEndpointConventionBuilder
    {
        // Last, when it is known what else the route says of itself.
        endpoint.Finally(route => Declare(route, s_refusals));
        endpoint.Finally(route => Declare(route, route.Metadata.OfType<IAcceptsMetadata>().Any() ? s_bodyRefusals : []));
        return endpoint.WithMetadata(need);
    }

    private static TBuilder Require<TBuilder>(TBuilder endpoint, KeyNeed need, Func<Caller, bool> admits)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.DeclareKey(need).RequireAuthorization(new AuthorizationPolicyBuilder(KeyAuthentication.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && admits(Caller.Of(c.User)))
            .Build());

    /// <summary>What any route with a key, or with a body, may answer; a route that says more of a status itself is left alone.</summary>
    private static void Declare(EndpointBuilder route, (int Status, string Description)[] refusals)
    {
        var declared = route.Metadata.OfType<IProducesResponseTypeMetadata>().Select(p => p.StatusCode).ToHashSet();
        foreach (var (status, description) in refusals.Where(r => !declared.Contains(r.Status)))
        {
            route.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ErrorAnswer), ["application/json"]) { Description = description });
        }
    }
}
