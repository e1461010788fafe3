using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Devices;

/// <summary>Devices for scripts. A device's own key sees that device and no other.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/devices").WithTags("Devices").RequireScope(Scopes.DeviceRead);
        group.MapGet("", ListAsync)
            .WithName("ListDevices")
            .WithSummary("Devices with their presence and sync state")
            .Produces<DeviceList>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
        group.MapGet("{deviceId}", GetAsync)
            .WithName("GetDevice")
            .WithSummary("Everything known of one device")
            .Produces<DeviceView>()
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
    }

    /// <summary>200 with a page of devices and how many there are; 400 for an unknown order.</summary>
    private static async Task<IResult> ListAsync([AsParameters] ListParameters page, Caller caller, DeviceService devices, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<DeviceSort>(page.Sort ?? nameof(DeviceSort.Name), ignoreCase: true, out var sort) || !Enum.IsDefined(sort))
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, "sort must be name, enrolledAt, lastHeard or pending.");
        }

        var query = new DeviceListQuery(page.Search, sort, page.Descending ?? false, page.Skip ?? 0, page.Take ?? 50);
        var list = caller.DeviceId is { } own
            ? await devices.ListAsync(caller.WorkspaceId, new DeviceListQuery(own.Value, Take: 1), cancellationToken)
            : await devices.ListAsync(caller.WorkspaceId, query, cancellationToken);
        return TypedResults.Json(list, DevicesJson.Default.DeviceList);
    }

    /// <summary>200; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> GetAsync(string deviceId, Caller caller, DeviceService devices, CancellationToken cancellationToken) =>
        caller.MayReach(deviceId) && await devices.FindAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } found
            ? TypedResults.Json(found, DevicesJson.Default.DeviceView)
            : NotFound(deviceId);

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

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(DeviceView))]
internal sealed partial class DevicesJson : JsonSerializerContext;
