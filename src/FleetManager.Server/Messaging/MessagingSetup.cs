namespace FleetManager.Server.Messaging;

internal static class MessagingSetup
{
    /// <summary>Comes after the services that sessions speak to: the host stops the broker first, and they write what it said last.</summary>
    public static void AddMessaging(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeviceLink>();
        builder.Services.AddSingleton<ConnectionGuard>();
        builder.Services.AddSingleton<BrokerEvents>();
        builder.Services.AddHostedService<EmbeddedBroker>();
    }
}
