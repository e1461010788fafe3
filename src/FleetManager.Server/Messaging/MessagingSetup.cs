namespace FleetManager.Server.Messaging;

internal static class MessagingSetup
{
    public static void AddMessaging(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<DeviceLink>();
}
