using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.LocalApi;

/// <summary>The routes that programs on the device call: the Event Store API v2 (vision-events.md 14), and the cloud's shapes beside it.</summary>
internal sealed class EventsApi : IDisposable
{
    private readonly CreateApi _create;
    private readonly QueryApi _query;
    private readonly DraftsApi _drafts;
    private readonly DeleteApi _delete;
    private readonly ParkedApi _parked;
    private readonly StatsApi _stats;
    private readonly AdminApi _admin;
    private readonly CloudApi _cloud;

    public EventsApi(DeviceStore store, TimeProvider time, ILogger logger)
    {
        Bodies = new BodyReader(time);
        var intake = new Intake(store, logger);
        _create = new CreateApi(intake, Bodies, time);
        _query = new QueryApi(store);
        _drafts = new DraftsApi(store, Bodies);
        _delete = new DeleteApi(store, Bodies);
        _parked = new ParkedApi(store, Bodies);
        _stats = new StatsApi(store, time, () => Phase?.Invoke());
        _admin = new AdminApi(store, () => BackUpNow?.Invoke());
        _cloud = new CloudApi(intake, Bodies, time);
    }

    public BodyReader Bodies { get; }

    /// <summary>Wakes the backup; set once it runs.</summary>
    public Action? BackUpNow { get; set; }

    /// <summary>What the backup is doing; set once it runs.</summary>
    public Func<SyncPhase>? Phase { get; set; }

    public void Map(IEndpointRouteBuilder routes)
    {
        _create.Map(routes);
        _query.Map(routes);
        _drafts.Map(routes);
        _delete.Map(routes);
        _parked.Map(routes);
        _stats.Map(routes);
        _admin.Map(routes);
        _cloud.Map(routes);
        DocsApi.Map(routes);
        routes.MapFallback((RequestDelegate)(context => Answer.FaultAsync(
            context, EventFault.NotFound($"there is no route {context.Request.Method} {context.Request.Path}; GET /docs lists those that there are"))));
    }

    public void Dispose()
    {
        Bodies.Dispose();
        _query.Dispose();
    }
}
