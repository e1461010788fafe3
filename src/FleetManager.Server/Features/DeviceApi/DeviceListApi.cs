using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>Devices of a workspace: list, create, get; and their streams, of which the agent has none.</summary>
internal static class DeviceListApi
{
    private const int MaxBytes = 64 * 1024;

    public static void MapDeviceList(this RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync)
            .NeedsScope(Scopes.DeviceRead, ofWorkspace: true)
            .WithName("ListWorkspaceDevices")
            .WithSummary("All devices of the workspace")
            .Produces<DeviceListDto>();
        group.MapPost("", CreateAsync)
            .NeedsScope(Scopes.DeviceUpdate, ofWorkspace: true)
            .WithName("CreateDevice")
            .WithSummary("Creates a device that waits for its agent, and the install id that gives it its key")
            .Accepts<NewDevice>("application/json", JsonBody.AnyType)
            .Produces<CreatedDto>(StatusCodes.Status201Created)
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
        group.MapGet("{deviceId}", GetAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("GetWorkspaceDevice")
            .WithSummary("One device")
            .Produces<DeviceDto>();
        group.MapGet("{deviceId}/streams", StreamsAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("ListDeviceStreams")
            .WithSummary("Streams of a device: none, for the agent runs no pipelines")
            .Produces<StreamListDto>();
        group.MapGet("{deviceId}/streams/{streamId}", StreamAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("GetDeviceStream")
            .WithSummary("One stream of a device: there is none");
    }

    /// <summary>200 with every device.</summary>
    private static async Task<IResult> ListAsync(Caller caller, DeviceDirectory devices, CancellationToken cancellationToken) =>
        TypedResults.Json(await devices.ListAsync(caller.WorkspaceId, cancellationToken), DeviceApiJson.Default.DeviceListDto);

    /// <summary>201 with device and install id; 400 names what is wrong; 403 and 404 when the device to copy is another workspace's, or nobody's.</summary>
    private static async Task<IResult> CreateAsync(HttpRequest request, Caller caller, DeviceCreation creation, CancellationToken cancellationToken)
    {
        var (wanted, fault) = NewDevice.Read(await JsonBody.ReadAsync(request, MaxBytes, cancellationToken));
        if (wanted is null)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, fault!);
        }

        if (wanted.OfflineMode == true)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, wanted.DeviceType == "ai1"
                ? "offline_mode: this server does not offer offline provisioning; leave it out, and enroll the device with its install id."
                : "offline_mode: only a device of the type ai1 has that mode, and this server does not offer it.");
        }

        return await creation.CreateAsync(caller, wanted, cancellationToken) switch
        {
            CreateResult.Created created => TypedResults.Json(
                new CreatedDto(created.DeviceId, created.InstallId), DeviceApiJson.Default.CreatedDto, statusCode: StatusCodes.Status201Created),
            CreateResult.ForeignSource => Refusal.Of(StatusCodes.Status403Forbidden, "sourceDeviceId: this device belongs to another workspace."),
            _ => Refusal.Of(StatusCodes.Status404NotFound, $"sourceDeviceId: there is no device '{wanted.SourceDeviceId}'."),
        };
    }

    /// <summary>200; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> GetAsync(string deviceId, Caller caller, DeviceDirectory devices, CancellationToken cancellationToken) =>
        await devices.FindAsync(caller.WorkspaceId, deviceId, cancellationToken) is { } found
            ? TypedResults.Json(found, DeviceApiJson.Default.DeviceDto)
            : DevicesApi.NotFound(deviceId);

    /// <summary>200 with an empty list; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> StreamsAsync(string deviceId, Caller caller, DeviceDirectory devices, CancellationToken cancellationToken) =>
        await devices.KeyOfAsync(caller.WorkspaceId, deviceId, cancellationToken) is null
            ? DevicesApi.NotFound(deviceId)
            : TypedResults.Json(new StreamListDto([]), DeviceApiJson.Default.StreamListDto);

    /// <summary>404: of the device, or of the stream.</summary>
    private static async Task<IResult> StreamAsync(
        string deviceId,
        string streamId,
        Caller caller,
        DeviceDirectory devices,
        CancellationToken cancellationToken) =>
        await devices.KeyOfAsync(caller.WorkspaceId, deviceId, cancellationToken) is null
            ? DevicesApi.NotFound(deviceId)
            : Refusal.Of(StatusCodes.Status404NotFound, $"Device '{deviceId}' has no stream '{streamId}'.");
}

/// <param name="DeviceId">The device.</param>
/// <param name="InstallId">Good for 24 hours and one device: in the address of the install script, or as the token of <c>fleet-agent enroll</c>.</param>
internal sealed record CreatedDto([property: JsonPropertyName("deviceId")] string DeviceId, [property: JsonPropertyName("installId")] string InstallId);

/// <param name="Data">Always empty.</param>
internal sealed record StreamListDto(IReadOnlyList<string> Data);
