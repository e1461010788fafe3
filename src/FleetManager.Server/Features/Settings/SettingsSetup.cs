namespace FleetManager.Server.Features.Settings;

internal static class SettingsSetup
{
    public static void AddSettings(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SettingsDelivery>();
        builder.Services.AddSingleton<SettingsService>();
    }
}
