using FleetManager.Server.Features.DeviceApi;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Features.Devices;

internal static class DevicesSetup
{
    public static void AddDevices(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeviceService>();
        builder.Services.AddSingleton<DeviceKeys>();
        builder.Services.AddSingleton<Uplinks>();
        builder.Services.AddSingleton<StatusWriter>();
        builder.Services.AddHostedService(s => s.GetRequiredService<StatusWriter>());
        builder.Services.AddHostedService<PresenceWorker>();
        builder.AddDeviceApi();
    }

    /// <summary>Each REST call by a device's key proves that the device is there. Stands after authorization, which reads the key that limits count by.</summary>
    public static void UseDeviceProof(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (context.User.Identity?.AuthenticationType == KeyAuthentication.SchemeName
                && Caller.Of(context.User) is { DeviceId: { } id, DeviceKey: { } key } caller)
            {
                context.RequestServices.GetRequiredService<StatusWriter>().Rest(new DeviceRef(key, caller.WorkspaceId, id));
            }

            return next(context);
        });
        app.UseRateLimiter();
    }
}
