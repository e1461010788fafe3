using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Where agents tell what happened to their device, at once or when they are back.</summary>
internal static class AgentEventsApi
{
    private const int MaxBytes = 1024 * 1024;

    public static void MapAgentEvents(this IEndpointRouteBuilder app) =>
        app.MapPost("/agent/v1/device-events", StoreAsync)
            .RequireDevice()
            .RequireRateLimiting(DeviceLimits.LogWrites)
            .WithTags("Agents")
            .WithName("SendDeviceEvents")
            .WithSummary("Takes what happened to the device: starts, stops, crashes, settings, a full event store")
            .Accepts<DeviceEventBatch>("application/json", JsonBody.AnyType)
            .Produces<ErrorAnswer>(StatusCodes.Status429TooManyRequests);

    /// <summary>204 when the events are kept, also when they were before; 400 names what is wrong; 429 after too many batches of one device.</summary>
    private static async Task<Results<NoContent, BadRequest<ErrorAnswer>>> StoreAsync(
        HttpRequest request,
        Caller caller,
        DeviceEventIntake events,
        CancellationToken cancellationToken)
    {
        var (batch, error) = await JsonBody.ReadAsync(request, ContractsJson.Default.DeviceEventBatch, MaxBytes, cancellationToken);
        if ((error ?? DeviceEventForm.Fault(batch!)) is { } fault)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault));
        }

        await events.StoreAsync(new DeviceRef(caller.DeviceKey!.Value, caller.WorkspaceId, caller.DeviceId!.Value), batch!, cancellationToken);
        return TypedResults.NoContent();
    }
}
