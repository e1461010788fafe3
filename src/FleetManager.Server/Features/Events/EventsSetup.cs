namespace FleetManager.Server.Features.Events;

internal static class EventsSetup
{
    public static void AddEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HistoryWindow>();
        builder.Services.AddSingleton<EventQueryService>();
    }
}
