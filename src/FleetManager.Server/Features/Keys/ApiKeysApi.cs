using FleetManager.Contracts.Agents;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.Features;

namespace FleetManager.Server.Features.Keys;

/// <summary>API keys for scripts. A key manages only keys that may do no more than itself.</summary>
internal static class ApiKeysApi
{
    private const int MaxBytes = 4 * 1024;

    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/api-keys").RequireApiKey(Scopes.ApiKeysManage).WithTags("API keys");
        group.MapGet("", ListAsync)
            .WithName("ListApiKeys")
            .WithSummary("API keys of the workspace, without their secrets")
            .Produces<ApiKeyList>();
        group.MapPost("", CreateAsync)
            .WithName("CreateApiKey")
            .WithSummary("Makes an API key; its secret is shown this once")
            .Accepts<NewApiKey>("application/json", JsonBody.AnyType)
            .Produces<ApiKeySecret>(StatusCodes.Status201Created)
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status409Conflict);
        group.MapGet("{id:int}", GetAsync)
            .WithName("GetApiKey")
            .WithSummary("One API key")
            .Produces<ApiKeyView>()
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        group.MapPatch("{id:int}", ChangeAsync)
            .WithName("ChangeApiKey")
            .WithSummary("Changes name and expiry, disables and enables")
            .Accepts<ApiKeyChange>("application/json", JsonBody.AnyType)
            .Produces<ApiKeyView>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        group.MapPost("{id:int}/roll", RollAsync)
            .WithName("RollApiKey")
            .WithSummary("Gives a key a new secret, shown this once")
            .Accepts<ApiKeyRoll>(true, "application/json", JsonBody.AnyType)
            .Produces<ApiKeySecret>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        group.MapDelete("{id:int}", DeleteAsync)
            .WithName("DeleteApiKey")
            .WithSummary("Ends a key for good")
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
    }

    /// <summary>200 with every key of the workspace, disabled and expired ones too, by name.</summary>
    private static async Task<IResult> ListAsync(Caller caller, ApiKeyService keys, CancellationToken cancellationToken) =>
        TypedResults.Json(new ApiKeyList(await keys.ListAsync(caller.WorkspaceId, cancellationToken)), ApiKeysJson.Default.ApiKeyList);

    /// <summary>
    /// 201 with the secret, which can not be had again; 400 names what is wrong and lists the scopes; 403 for a scope that the asking key does not
    /// hold itself; 409 when the workspace has 1000 keys.
    /// </summary>
    private static async Task<IResult> CreateAsync(HttpRequest request, Caller caller, ApiKeyService keys, CancellationToken cancellationToken)
    {
        var (wanted, malformed) = await JsonBody.ReadAsync(request, ApiKeysJson.Default.NewApiKey, MaxBytes, cancellationToken);
        return wanted is null
            ? Refusal.Of(StatusCodes.Status400BadRequest, malformed!)
            : Answer(await keys.CreateAsync(caller.WorkspaceId, wanted, Grantor.Of(caller), cancellationToken), StatusCodes.Status201Created);
    }

    /// <summary>200; 404 when the workspace has no such key.</summary>
    private static async Task<IResult> GetAsync(int id, Caller caller, ApiKeyService keys, CancellationToken cancellationToken) =>
        await keys.FindAsync(caller.WorkspaceId, id, cancellationToken) is { } found
            ? TypedResults.Json(found, ApiKeysJson.Default.ApiKeyView)
            : Answer(ApiKeyResult.NotFound(id));

    /// <summary>
    /// 200 with the key as it is now; what the body leaves out stays as it is. A disabled key answers 401 at once, and works again when it is enabled.
    /// 400 names what is wrong; 403 when the key may do more than the one that asks; 404 when there is none.
    /// </summary>
    private static async Task<IResult> ChangeAsync(int id, HttpRequest request, Caller caller, ApiKeyService keys, CancellationToken cancellationToken)
    {
        var (change, malformed) = await JsonBody.ReadAsync(request, ApiKeysJson.Default.ApiKeyChange, MaxBytes, cancellationToken);
        return change is null
            ? Refusal.Of(StatusCodes.Status400BadRequest, malformed!)
            : Answer(await keys.ChangeAsync(caller.WorkspaceId, id, change, Grantor.Of(caller), cancellationToken));
    }

    /// <summary>
    /// 200 with the new secret, which can not be had again. The old one ends at once, or after <c>overlapSeconds</c>; the body may be left out.
    /// 400 for an overlap of more than 30 days; 403 when the key may do more than the one that asks; 404 when there is none.
    /// </summary>
    private static async Task<IResult> RollAsync(int id, HttpRequest request, Caller caller, ApiKeyService keys, CancellationToken cancellationToken)
    {
        var (roll, malformed) = request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
            ? (new ApiKeyRoll(), null)
            : await JsonBody.ReadAsync(request, ApiKeysJson.Default.ApiKeyRoll, MaxBytes, cancellationToken);
        if (roll is null)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, malformed!);
        }

        var overlap = TimeSpan.FromSeconds(Math.Clamp(roll.OverlapSeconds ?? 0, -1, int.MaxValue));
        return Answer(await keys.RollAsync(caller.WorkspaceId, id, overlap, Grantor.Of(caller), cancellationToken));
    }

    /// <summary>204; 403 when the key may do more than the one that asks; 404 when there is none. Its requests answer 401 from now on.</summary>
    private static async Task<IResult> DeleteAsync(int id, Caller caller, ApiKeyService keys, CancellationToken cancellationToken)
    {
        var result = await keys.DeleteAsync(caller.WorkspaceId, id, Grantor.Of(caller), cancellationToken);
        return result.Outcome == ApiKeyOutcome.Done ? TypedResults.NoContent() : Answer(result);
    }

    private static IResult Answer(ApiKeyResult result, int done = StatusCodes.Status200OK) => result.Outcome switch
    {
        ApiKeyOutcome.Done when result.Secret is { } secret =>
            TypedResults.Json(new ApiKeySecret(secret, result.Key!), ApiKeysJson.Default.ApiKeySecret, statusCode: done),
        ApiKeyOutcome.Done => TypedResults.Json(result.Key!, ApiKeysJson.Default.ApiKeyView, statusCode: done),
        ApiKeyOutcome.NotFound => Refusal.Of(StatusCodes.Status404NotFound, result.Message!),
        ApiKeyOutcome.BeyondScopes => Refusal.Of(StatusCodes.Status403Forbidden, result.Message!),
        ApiKeyOutcome.TooMany => Refusal.Of(StatusCodes.Status409Conflict, result.Message!),
        _ => Refusal.Of(StatusCodes.Status400BadRequest, result.Message!),
    };
}
