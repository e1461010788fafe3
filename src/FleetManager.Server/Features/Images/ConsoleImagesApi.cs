using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Images;

/// <summary>Images for the pages: the same bytes, by session instead of by key.</summary>
internal static class ConsoleImagesApi
{
    public static void MapConsoleImages(this IEndpointRouteBuilder app) =>
        app.MapMethods("/w/{workspace}/images/{sourceId}/{variant?}", [HttpMethods.Get, HttpMethods.Head], GetAsync)
            .RequireAuthorization(AccountsSetup.Console)
            .ExcludeFromDescription();

    private static async Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>, UnprocessableEntity<ErrorAnswer>>> GetAsync(
        string workspace,
        string sourceId,
        string? variant,
        HttpContext http,
        MembershipService memberships,
        ImageServing serving,
        CancellationToken cancellationToken) =>
        ConsoleUser.Of(http.User) is { } user && await memberships.FindAsync(user, workspace, cancellationToken) is { } scope
            ? await serving.ServeAsync(scope.Id, sourceId, variant, http.Response, cancellationToken)
            : TypedResults.NotFound(new ErrorAnswer("There is no such image."));
}
