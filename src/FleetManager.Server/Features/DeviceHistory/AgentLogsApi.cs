using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Where agents send what they log.</summary>
internal static class AgentLogsApi
{
    public static void MapAgentLogs(this IEndpointRouteBuilder app) =>
        app.MapPost("/agent/v1/logs", StoreAsync)
            .RequireDevice()
            .RequireRateLimiting(DeviceLimits.LogWrites)
            .WithTags("Agents")
            .WithName("SendLogs")
            .WithSummary("Takes lines of the device's log")
            .Accepts<LogBatch>("application/json", JsonBody.AnyType)
            .Produces<ErrorAnswer>(StatusCodes.Status429TooManyRequests);

    /// <summary>204 when the lines are kept, also when they were before; 400 names what is wrong; 429 after too many batches of one device.</summary>
    private static async Task<Results<NoContent, BadRequest<ErrorAnswer>>> StoreAsync(
        HttpRequest request,
        Caller caller,
        DeviceLogService logs,
        CancellationToken cancellationToken)
    {
        var (batch, error) = await JsonBody.ReadAsync(request, ContractsJson.Default.LogBatch, LogBatch.MaxBytes, cancellationToken);
        if ((error ?? LogBatchForm.Fault(batch!)) is { } fault)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault));
        }

        await logs.StoreAsync(new DeviceRef(caller.DeviceKey!.Value, caller.WorkspaceId, caller.DeviceId!.Value), batch!, cancellationToken);
        return TypedResults.NoContent();
    }
}
