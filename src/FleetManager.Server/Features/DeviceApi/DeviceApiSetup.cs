using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.DeviceApi.Install;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>The reference's device API (vision-events.md 15), for its clients to work unchanged.</summary>
internal static class DeviceApiSetup
{
    private const string Workspace = "/{workspace:regex(^[a-z0-9-]+$)}";
    private static readonly string[] s_path = ["devices", "v2"];

    public static void AddDeviceApi(this IHostApplicationBuilder builder)
    {
        builder.AddDeviceHistory();
        builder.Services.AddSingleton<DeviceDirectory>();
        builder.Services.AddSingleton<DeviceCreation>();
        builder.Services.AddSingleton<DeviceConfigService>();
        builder.Services.AddSingleton<InstallService>();
        builder.Services.AddSingleton<AgentPackages>();
    }

    public static void MapDeviceApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(Workspace + "/devices/v2")
            .RequireScope()
            .AddEndpointFilter(DeviceAccess.CheckAsync)
            .WithTags("Device API")
            .ProducesError(StatusCodes.Status401Unauthorized)
            .ProducesError(StatusCodes.Status403Forbidden)
            .ProducesError(StatusCodes.Status404NotFound);
        group.MapDeviceList();
        group.MapDeviceConfig();
        group.MapDeviceHistory();
        app.MapInstall();
        app.MapAgentLogs();
        app.MapAgentEvents();
    }

    /// <summary>Whether this is an address of a workspace's devices, with or without a key: its errors are the API's, not pages.</summary>
    public static bool IsDevicePath(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', 5);
        return s_path.SequenceEqual(parts.Skip(2).Take(s_path.Length), StringComparer.OrdinalIgnoreCase);
    }

    private static RouteGroupBuilder ProducesError(this RouteGroupBuilder group, int status) =>
        group.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ErrorAnswer), ["application/json"]));
}
