using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>The way in for events that were carried here as files (vision-events.md 7).</summary>
internal static class BundleApi
{
    public static void MapBundle(this IEndpointRouteBuilder app) =>
        app.MapPost("/vision-events/bundle", CreateAsync)
            .RequireScope(Scopes.VisionEventsWrite, Scopes.DeviceUpdate)
            .WithTags("Vision Events")
            .WithName("CreateEventFromBundle")
            .WithSummary("Create an event from a bundle: a tar or tar.gz with payload.json and images/")
            .Accepts<Stream>("application/gzip", "application/x-tar", JsonBody.AnyType)
            .Produces<ErrorAnswer>(StatusCodes.Status413PayloadTooLarge);

    /// <summary>
    /// 201 <c>{"eventId","created":true}</c>, also when the same bundle was sent before; <c>useCaseId</c> of the query goes before the one inside.
    /// 400 names what is wrong with the archive or the event; 409 when another device owns the id; 413 over 25 MiB, or when it unpacks to too much.
    /// </summary>
    private static async Task<Results<Created<CreatedAnswer>, BadRequest<ErrorAnswer>, Conflict<ErrorAnswer>>> CreateAsync(
        HttpRequest request,
        Caller caller,
        BundleService bundles,
        CancellationToken cancellationToken,
        string? useCaseId = null)
    {
        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
        {
            return TypedResults.BadRequest(new ErrorAnswer("Send the bundle itself as the body, not as a multipart form: curl --data-binary @FILE."));
        }

        await using var body = request.OpenBody(EventLimits.BundleBytes);
        var (eventId, fault) = await bundles.CreateAsync(caller, body, string.IsNullOrEmpty(useCaseId) ? null : useCaseId, cancellationToken);
        return fault switch
        {
            null => TypedResults.Created((string?)null, new CreatedAnswer(eventId!, true)),
            { Code: EventFaultCodes.EventIdTaken } => TypedResults.Conflict(new ErrorAnswer(fault.ToString())),
            _ => TypedResults.BadRequest(new ErrorAnswer(fault.ToString())),
        };
    }
}
