using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.DeviceApi;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Devices;

/// <summary>Devices for scripts. A device's own key sees that device and no other.</summary>
internal static class DevicesApi
{
    private const int MaxBytes = 4 * 1024;

    public static void MapDevices(this IEndpointRouteBuilder app)
    {
        app.MapReport();
        app.MapDeviceApi();
        var group = app.MapGroup("/api/v1/devices").WithTags("Devices");
        group.MapGet("", ListAsync)
            .RequireApiKey(Scopes.DeviceRead)
            .WithName("ListDevices")
            .WithSummary("Devices with their presence and sync state")
            .Produces<DeviceList>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
        group.MapGet("{deviceId}", GetAsync)
            .RequireScope(Scopes.DeviceRead)
            .WithName("GetDevice")
            .WithSummary("Everything known of one device")
            .Produces<DeviceView>()
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        group.MapPatch("{deviceId}", RenameAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithName("RenameDevice")
            .WithSummary("Gives a device another name")
            .Accepts<DeviceChange>("application/json", JsonBody.AnyType)
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        group.MapPost("{deviceId}/revoke", RevokeAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithName("RevokeDevice")
            .WithSummary("Ends the device's key for good; its events stay")
            .Produces(StatusCodes.Status204NoContent)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
    }

    /// <summary>200 with a page of devices and how many there are; 400 for an unknown order or a search that is no text.</summary>
    private static async Task<IResult> ListAsync([AsParameters] ListParameters page, Caller caller, DeviceService devices, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<DeviceSort>(page.Sort ?? nameof(DeviceSort.Name), ignoreCase: true, out var sort) || !Enum.IsDefined(sort))
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, "sort must be name, enrolledAt, lastHeard or pending.");
        }

        if (page.Search?.Any(char.IsControl) == true)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, "search must be text without control characters.");
        }

        var query = new DeviceListQuery(page.Search, sort, page.Descending ?? false, page.Skip ?? 0, page.Take ?? 50);
        return TypedResults.Json(await devices.ListAsync(caller.WorkspaceId, query, cancellationToken), DevicesJson.Default.DeviceList);
    }

    /// <summary>200; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> GetAsync(string deviceId, Caller caller, DeviceService devices, CancellationToken cancellationToken) =>
        caller.MayReach(deviceId) && await devices.FindAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } found
            ? TypedResults.Json(found, DevicesJson.Default.DeviceView)
            : NotFound(deviceId);

    /// <summary>204; 400 for a name that is none; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> RenameAsync(
        string deviceId,
        HttpRequest request,
        Caller caller,
        DeviceService devices,
        CancellationToken cancellationToken)
    {
        var (change, malformed) = await JsonBody.ReadAsync(request, DevicesJson.Default.DeviceChange, MaxBytes, cancellationToken);
        if (change is null || !DeviceService.IsName(change.Name))
        {
            return Refusal.Of(
                StatusCodes.Status400BadRequest, malformed ?? $"name must have 1 to {DeviceService.NameLength} characters and no control characters.");
        }

        return await devices.RenameAsync(caller.WorkspaceId, deviceId, change.Name!, caller.Actor, cancellationToken)
            ? TypedResults.NoContent()
            : NotFound(deviceId);
    }

    /// <summary>204, also when it was revoked before; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> RevokeAsync(string deviceId, Caller caller, DeviceService devices, CancellationToken cancellationToken) =>
        await devices.RevokeAsync(caller.WorkspaceId, deviceId, caller.Actor, cancellationToken) ? TypedResults.NoContent() : NotFound(deviceId);

    /// <summary>For every route that names a device: what another workspace or device owns is not there.</summary>
    public static IResult NotFound(string deviceId) => Refusal.Of(StatusCodes.Status404NotFound, $"There is no device '{deviceId}'.");

    public static bool MayReach(this Caller caller, string deviceId) => caller.DeviceId is not { } own || own.Value == deviceId;

    /// <param name="Search">Part of a name or id.</param>
    /// <param name="Sort"><c>name</c>, <c>enrolledAt</c>, <c>lastHeard</c> or <c>pending</c>.</param>
    /// <param name="Descending">Greatest first.</param>
    /// <param name="Skip">Devices to leave out.</param>
    /// <param name="Take">Devices to give, at most 500.</param>
    internal sealed record ListParameters(string? Search, string? Sort, bool? Descending, int? Skip, int? Take);
}

/// <param name="Name">The new name, 1 to 100 characters.</param>
internal sealed record DeviceChange(string? Name);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DeviceChange))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(DeviceView))]
internal sealed partial class DevicesJson : JsonSerializerContext;
