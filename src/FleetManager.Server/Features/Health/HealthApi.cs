using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Health;

/// <summary>For load balancers and scripts; no key needed, nothing told but the state.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/health").AllowAnonymous().WithTags("Health");
        group.MapGet("", () => TypedResults.Ok(new HealthAnswer("ok"))).WithName("GetHealth").WithSummary("The process runs").WithDescription("200 as long as the process answers.");
        group.MapGet("/ready", GetReadyAsync).WithName("GetReady").WithSummary("The database answers")
            .Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>200 when requests can be served, 503 when the database does not answer.</summary>
    private static async Task<Results<Ok<HealthAnswer>, JsonHttpResult<HealthAnswer>>> GetReadyAsync(
        HealthService health,
        CancellationToken cancellationToken) =>
        await health.CanServeAsync(cancellationToken)
            ? TypedResults.Ok(new HealthAnswer("ok"))
            : TypedResults.Json(new HealthAnswer("database unreachable"), statusCode: StatusCodes.Status503ServiceUnavailable);

    /// <param name="Status"><c>ok</c>, or what is wrong.</param>
    internal sealed record HealthAnswer(string Status);
}
