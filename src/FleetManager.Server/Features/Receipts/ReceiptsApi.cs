using System.ComponentModel;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;
using ReceiptsAnswer = FleetManager.Contracts.Agents.Receipts;

namespace FleetManager.Server.Features.Receipts;

/// <summary>Routes by which an agent learns what the server holds, and says what will never come.</summary>
internal static class ReceiptsApi
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxRuns = 1000;
    private const int MaxReasonLength = 64;

    public static void MapReceipts(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/agent/v1").RequireDevice().WithTags("Agents");
        group.MapGet("/receipts", GetAsync).WithName("GetReceipts").WithSummary("What the server holds of a store");
        group.MapPost("/losses", DeclareAsync).WithName("DeclareLosses").WithSummary("Events that will never come")
            .Accepts<LossReport>("application/json", JsonBody.AnyType);
        app.MapGet("/api/v1/devices/{deviceId}/proof", ProveAsync)
            .RequireScope(Scopes.DeviceRead)
            .WithTags("Devices")
            .WithName("GetProof")
            .WithSummary("The proof that nothing of a device was lost: where every number of its stores is")
            .Produces<DeviceProof>()
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
    }

    /// <summary>200 with one entry per store that the device ever had; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> ProveAsync(
        string deviceId, Caller caller, DeviceService devices, ReceiptService receipts, TimeProvider time, CancellationToken cancellationToken) =>
        caller.MayReach(deviceId) && await devices.FindAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } device
            ? TypedResults.Json(
                DeviceProof.Of(deviceId, time.GetUtcNow(), await receipts.ProofAsync(caller.WorkspaceId, deviceId, cancellationToken), device.Sync),
                ProofJson.Default.DeviceProof)
            : DevicesApi.NotFound(deviceId);

    /// <summary>200 with the runs of the store, which are empty for a store that has sent nothing.</summary>
    private static async Task<Results<Ok<ReceiptsAnswer>, BadRequest<ErrorAnswer>>> GetAsync(
        Caller caller,
        ReceiptService receipts,
        CancellationToken cancellationToken,
        [Description("The store, a UUID.")] string epoch = "") =>
        Guid.TryParse(epoch, out var id) && id != Guid.Empty
            ? TypedResults.Ok(await receipts.FindAsync(caller.DeviceKey!.Value, id, cancellationToken))
            : TypedResults.BadRequest(new ErrorAnswer("epoch must be the UUID of a store: send ?epoch=UUID."));

    /// <summary>204 when the losses are written down, also when they were before; 400 names what can not be read.</summary>
    private static async Task<Results<NoContent, BadRequest<ErrorAnswer>>> DeclareAsync(
        HttpRequest request,
        Caller caller,
        ReceiptService receipts,
        CancellationToken cancellationToken)
    {
        var (report, error) = await JsonBody.ReadAsync(request, ContractsJson.Default.LossReport, MaxBytes, cancellationToken);
        if ((error ?? FaultOf(report!)) is { } fault)
        {
            return TypedResults.BadRequest(new ErrorAnswer(fault));
        }

        await receipts.DeclareAsync(caller, report!, cancellationToken);
        return TypedResults.NoContent();
    }

    private static string? FaultOf(LossReport report)
    {
        if (report.Epoch == Guid.Empty || report.Losses is null)
        {
            return "The body must hold the epoch of a store, a UUID, and its losses.";
        }

        if (report.Losses.Count > MaxRuns)
        {
            return $"losses: at most {MaxRuns} runs in one report.";
        }

        for (var i = 0; i < report.Losses.Count; i++)
        {
            if (report.Losses[i] is not { From: >= 1, Through: <= StoreReader.MaxSeq } loss || loss.From > loss.Through)
            {
                return $"losses[{i}]: from and through must be whole numbers from 1 to {StoreReader.MaxSeq}, from not above through.";
            }

            if (loss.Reason is not { Length: > 0 and <= MaxReasonLength } || !loss.Reason.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            {
                return $"losses[{i}].reason: must be a word such as store_full, of at most {MaxReasonLength} letters, digits, '_' or '-'.";
            }
        }

        return null;
    }
}
