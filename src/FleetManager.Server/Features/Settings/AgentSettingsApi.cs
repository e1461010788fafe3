using System.Globalization;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Server.Features.Settings;

/// <summary>The way round a blocked broker: the same document that <c>down/settings</c> carries.</summary>
internal static class AgentSettingsApi
{
    public static void MapAgentSettings(this IEndpointRouteBuilder app) =>
        app.MapGet("/agent/v1/settings", GetAsync)
            .RequireDevice()
            .WithTags("Agents")
            .WithName("GetAgentSettings")
            .WithSummary("The settings that this device should have")
            .Produces<DesiredSettings>()
            .Produces(StatusCodes.Status304NotModified)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);

    /// <summary>200 with the document and its ETag; 304 when the device has that one. Revision 0 is the product's defaults.</summary>
    private static async Task<IResult> GetAsync(HttpContext context, Caller caller, SettingsDelivery delivery, CancellationToken cancellationToken)
    {
        if (await delivery.FetchAsync(caller.DeviceId!.Value, cancellationToken) is not { } desired)
        {
            return Refusal.Of(StatusCodes.Status404NotFound, "This device does not exist any more.");
        }

        // Rolling back gives an old hash a new revision, so the hash alone would hide it.
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{desired.Revision}-{desired.Hash}\""));
        context.Response.GetTypedHeaders().ETag = tag;
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Json(desired, ContractsJson.Default.DesiredSettings);
    }
}
