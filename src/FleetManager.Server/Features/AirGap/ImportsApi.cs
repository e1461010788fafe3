using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.AirGap;

/// <summary>The way in for what devices without a network exported to files.</summary>
internal static class ImportsApi
{
    public static void MapImports(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/v1/imports", CreateAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithTags("Devices")
            .WithName("ImportEvents")
            .WithSummary("Takes in an archive that fleet-agent export wrote")
            .Accepts<Stream>("application/x-tar", JsonBody.AnyType)
            .Produces<ImportResult>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status413PayloadTooLarge);

    /// <summary>
    /// 200 with what became of the events, also when the same archive was sent before; 400 names what is wrong with the archive, of which nothing
    /// is taken then; 413 over 2 GiB: <c>FleetManager.Server admin import FILE</c> takes larger ones.
    /// </summary>
    private static async Task<IResult> CreateAsync(
        HttpRequest request, Caller caller, ImportService imports, IncomingFolder incoming, CancellationToken cancellationToken)
    {
        await using var body = request.OpenBody(ImportUpload.MaxBytes);
        using var upload = await ImportUpload.ReceiveAsync(incoming, body, cancellationToken);
        var (result, fault) = await imports.ImportAsync(caller.WorkspaceId, upload.Path, caller.Actor, progress: null, cancellationToken);
        return result is null ? Refusal.Of(StatusCodes.Status400BadRequest, fault!) : TypedResults.Json(result, ImportsJson.Default.ImportResult);
    }
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportsJson : JsonSerializerContext;
