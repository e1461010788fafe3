using FleetManager.Server.Features.AirGap;
using FleetManager.Server.Features.Events.Bundles;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Retention;

namespace FleetManager.Server.Features.Events;

internal static class EventsSetup
{
    public static void AddEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HistoryWindow>();
        builder.Services.AddSingleton<EventQueryService>();
        builder.Services.AddSingleton<MetadataSchemaService>();
        builder.Services.AddSingleton<EventDeleteService>();
        builder.Services.AddSingleton<FeedbackService>();
        builder.Services.AddSingleton<IngestBudget>();
        builder.Services.AddSingleton<KnownFields>();
        builder.Services.AddSingleton<IngestQueue>();
        builder.Services.AddSingleton<IngestService>();
        builder.Services.AddSingleton<BundleService>();
        builder.Services.AddHostedService<IngestWorker>();
        builder.Services.AddSingleton<EventCounts>();
        builder.Services.AddHostedService<RollupWorker>();
        builder.Services.AddHostedService<RetentionWorker>();
        builder.AddImports();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, EventsJson.Default));
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, CountsJson.Default));
    }
}
