using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Images;

/// <summary>Images for the pages: the same bytes, by session instead of by key.</summary>
internal static class ConsoleImagesApi
{
    public static void MapConsoleImages(this IEndpointRouteBuilder app) =>
        app.MapMethods("/w/{workspace}/images/{sourceId}", [HttpMethods.Get, HttpMethods.Head], GetAsync)
            .RequireAuthorization(AccountsSetup.Console)
            .ExcludeFromDescription();

    private static async Task<Results<FileStreamHttpResult, NotFound<ErrorAnswer>>> GetAsync(
        string workspace,
        string sourceId,
        HttpContext http,
        MembershipService memberships,
        ImageService images,
        CancellationToken cancellationToken) =>
        ConsoleUser.Of(http.User) is { } user && await memberships.FindAsync(user, workspace, cancellationToken) is { } scope
            ? await ImagesApi.ServeAsync(scope.Id, sourceId, http.Response, images, cancellationToken)
            : TypedResults.NotFound(new ErrorAnswer("There is no such image."));
}
