using FleetManager.Server.Features.Events.Bundles;
using FleetManager.Server.Features.Events.Ingest;

namespace FleetManager.Server.Features.Events;

internal static class EventsSetup
{
    public static void AddEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HistoryWindow>();
        builder.Services.AddSingleton<EventQueryService>();
        builder.Services.AddSingleton<IngestBudget>();
        builder.Services.AddSingleton<KnownFields>();
        builder.Services.AddSingleton<IngestQueue>();
        builder.Services.AddSingleton<IngestService>();
        builder.Services.AddSingleton<BundleService>();
        builder.Services.AddHostedService<IngestWorker>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, EventsJson.Default));
    }
}
