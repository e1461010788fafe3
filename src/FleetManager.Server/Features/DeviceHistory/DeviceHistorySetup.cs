namespace FleetManager.Server.Features.DeviceHistory;

internal static class DeviceHistorySetup
{
    public static void AddDeviceHistory(this IHostApplicationBuilder builder)
    {
        builder.AddDeviceLimits();
        builder.Services.AddSingleton<UplinkHistory>();
        builder.Services.AddSingleton<EventRecorder>();
        builder.Services.AddSingleton<TelemetryRecorder>();
        builder.Services.AddSingleton<DeviceEventService>();
        builder.Services.AddSingleton<DeviceEventIntake>();
        builder.Services.AddSingleton<DeviceLogService>();
        builder.Services.AddSingleton<TelemetryService>();
        builder.Services.AddSingleton<HistoryRetention>();
        builder.Services.AddHostedService(s => s.GetRequiredService<EventRecorder>());
        builder.Services.AddHostedService(s => s.GetRequiredService<TelemetryRecorder>());
        builder.Services.AddHostedService(s => s.GetRequiredService<HistoryRetention>());
    }
}
