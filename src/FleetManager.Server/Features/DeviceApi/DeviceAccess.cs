using System.Text.Json.Serialization;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>What a route of the device API asks of a key.</summary>
/// <param name="Name">The scope.</param>
/// <param name="OfWorkspace">About the whole workspace: a device's own key has no business there.</param>
internal sealed record DeviceScope(string Name, bool OfWorkspace);

/// <summary>
/// Who may do what on the device routes, with the reference's answers (vision-events.md 2): a valid key that lacks the scope is told 404 with a
/// type that its clients know as a refusal, a device's key that reaches beyond its device 403, and what another workspace owns is not there.
/// </summary>
internal static class DeviceAccess
{
    public static TBuilder NeedsScope<TBuilder>(this TBuilder endpoint, string scope, bool ofWorkspace = false)
        where TBuilder : IEndpointConventionBuilder => 
        endpoint.WithMetadata(new DeviceScope(scope, ofWorkspace), new KeyNeed(ofWorkspace ? KeyKind.ApiKey : KeyKind.Any, [scope]));

    public static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return Refuse(http, Caller.Of(http.User)) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);
    }

    private static IResult? Refuse(HttpContext http, Caller caller)
    {
        var workspace = (string)http.Request.RouteValues["workspace"]!;
        if (workspace != caller.WorkspaceSlug)
        {
            return Refusal.Of(StatusCodes.Status404NotFound, $"This key has no workspace '{workspace}'.");
        }

        var scope = http.GetEndpoint()!.Metadata.GetRequiredMetadata<DeviceScope>();
        if (!caller.MayAny(scope.Name))
        {
            return TypedResults.Json(
                new ScopeAnswer(new ScopeFault("GraphMethodException", $"This key may not do that: it lacks the scope {scope.Name}.")),
                DeviceApiJson.Default.ScopeAnswer,
                statusCode: StatusCodes.Status404NotFound);
        }

        return caller.DeviceId is { } own && (scope.OfWorkspace || (string?)http.Request.RouteValues["deviceId"] != own.Value)
            ? Refusal.Of(StatusCodes.Status403Forbidden, $"The key of a device reaches that device alone, which is {own}.")
            : null;
    }
}

/// <param name="Error">What the key lacks.</param>
internal sealed record ScopeAnswer(ScopeFault Error);

/// <param name="Type">Always <c>GraphMethodException</c>.</param>
/// <param name="Message">For people.</param>
internal sealed record ScopeFault([property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("message")] string Message);
