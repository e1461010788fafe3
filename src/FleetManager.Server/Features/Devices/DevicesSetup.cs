namespace FleetManager.Server.Features.Devices;

internal static class DevicesSetup
{
    public static void AddDevices(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<DeviceService>();
}
