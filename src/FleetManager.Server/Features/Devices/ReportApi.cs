using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Devices;

/// <summary>The way round a blocked broker: takes the same envelopes as the uplink topics.</summary>
internal static class ReportApi
{
    public static void MapReport(this IEndpointRouteBuilder app) =>
        app.MapPost("/agent/v1/report", ReportAsync)
            .RequireDevice()
            .WithTags("Agents")
            .WithName("Report")
            .WithSummary("Takes one message of an uplink topic, told apart by its type")
            .Accepts<Envelope<JsonElement>>("application/json", JsonBody.AnyType)
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);

    /// <summary>204, also for a message that is no news; 400 with the reason why it was refused.</summary>
    private static async Task<IResult> ReportAsync(HttpRequest request, Caller caller, Uplinks uplinks, CancellationToken cancellationToken)
    {
        var message = await JsonBody.ReadAsync(request, Uplinks.MaxBytes, cancellationToken);
        if (TypeOf(message) is not { } uplink)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, "The body must be an envelope whose type is one of " + string.Join(", ", Enum.GetValues<Uplink>().Select(Topics.Name)) + ".");
        }

        var device = new DeviceRef(caller.DeviceKey!.Value, caller.WorkspaceId, caller.DeviceId!.Value);
        return uplinks.Take(device, uplink, message) is { } fault ? Refusal.Of(StatusCodes.Status400BadRequest, fault) : TypedResults.NoContent();
    }

    private static Uplink? TypeOf(byte[] message)
    {
        try
        {
            var type = JsonSerializer.Deserialize(message, ContractsJson.Default.EnvelopeJsonElement)?.Type;
            return Enum.GetValues<Uplink>().Cast<Uplink?>().FirstOrDefault(u => Topics.Name(u!.Value) == type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
