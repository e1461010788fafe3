using FleetManager.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Health;

/// <summary>For load balancers and scripts; no key needed, nothing told but the state.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health", () => TypedResults.Ok(new HealthAnswer("ok")))
            .AllowAnonymous()
            .WithTags("Health")
            .WithName("GetHealth")
            .WithSummary("The process runs");
        app.MapGet("/health/ready", GetReadyAsync)
            .AllowAnonymous()
            .WithTags("Health")
            .WithName("GetReady")
            .WithSummary("The database answers");
    }

    /// <summary>200 when requests can be served, 503 when the database does not answer.</summary>
    private static async Task<Results<Ok<HealthAnswer>, JsonHttpResult<HealthAnswer>>> GetReadyAsync(
        IDbContextFactory<FleetDb> databases,
        CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Database.CanConnectAsync(cancellationToken)
            ? TypedResults.Ok(new HealthAnswer("ok"))
            : TypedResults.Json(new HealthAnswer("database unreachable"), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <param name="Status"><c>ok</c>, or what is wrong.</param>
    internal sealed record HealthAnswer(string Status);
}
