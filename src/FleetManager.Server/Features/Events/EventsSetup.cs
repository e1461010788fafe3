using FleetManager.Server.Features.Events.Ingest;

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
        builder.Services.AddHostedService<IngestWorker>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, EventsJson.Default));
    }
}
