using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>What a person at the device may order: clean up now, back up now.</summary>
internal sealed class AdminApi(DeviceStore store, Action backUpNow)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/cleanup", (RequestDelegate)CleanUpAsync);
        routes.MapPost("/v2/backup", (RequestDelegate)BackUpAsync);
    }

    /// <summary>Deletes now what retention and caps let go of, as happens by itself every minute.</summary>
    private async Task CleanUpAsync(HttpContext context)
    {
        var report = await store.CleanUpAsync(context.RequestAborted);
        await Answer.ObjectAsync(context, json => StatsJson.Write(json, report));
    }

    /// <summary>Tries the server at once, unless it asked for a pause; 202, for it goes on after the answer.</summary>
    private Task BackUpAsync(HttpContext context)
    {
        if (!store.Policy.Backup.Enabled)
        {
            return Answer.FaultAsync(context, StatusCodes.Status409Conflict, "the backup is off: switch visionEventsBackup.enabled on in the console");
        }

        backUpNow();
        return Answer.JsonAsync(context, StatusCodes.Status202Accepted, json => json.WriteNumber("pending_records", store.Progress().LastSeq - store.Progress().Done));
    }
}
