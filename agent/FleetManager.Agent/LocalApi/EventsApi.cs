using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Sync;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.LocalApi;

/// <summary>The routes that programs on the device call: the Event Store API v2 (vision-events.md 14), and the cloud's shapes beside it.</summary>
internal sealed partial class EventsApi : IDisposable
{
    private readonly ILogger _logger;
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
        _logger = logger;
        Bodies = new BodyReader(time);
        var intake = new Intake(store);
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

    /// <summary>Answers what the store could not do; whoever asked may ask again.</summary>
    public async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
        catch (Exception e) when (!context.Response.HasStarted && e is StoreFailedException or SqliteException or IOException or UnauthorizedAccessException)
        {
            Log.StoreFailed(_logger, e);
            await Answer.FaultAsync(context, new EventFault(StatusCodes.Status503ServiceUnavailable, "the store can not do it now: " + e.Message, TimeSpan.FromSeconds(5)));
        }
    }

    public void Dispose()
    {
        Bodies.Dispose();
        _query.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "The store could not do what a request asked for; its sender was told")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
