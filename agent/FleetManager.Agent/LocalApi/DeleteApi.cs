using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>Deletes events and drafts. An event that the server does not hold is declared lost: its number is never silently missing.</summary>
internal sealed class DeleteApi(DeviceStore store, BodyReader bodies)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/v2/events/{id}", (RequestDelegate)DeleteAsync);
        routes.MapPost("/v2/events/delete", (RequestDelegate)DeleteManyAsync);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        switch (await store.DeleteAsync(id, CancellationToken.None))
        {
            case DeleteResult.Unknown:
                await Answer.FaultAsync(context, EventFault.NotFound($"there is no event {id}"));
                break;
            case DeleteResult.Busy:
                await Answer.FaultAsync(context, new EventFault(
                    StatusCodes.Status409Conflict, $"event {id} is being sent to the server right now: delete it in a moment", TimeSpan.FromSeconds(5)));
                break;
            case var result:
                await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
                {
                    json.WriteString("id", id);
                    json.WriteBoolean("deleted", true);
                    json.WriteBoolean("declared_lost", result == DeleteResult.Lost);
                });
                break;
        }
    }

    private Task DeleteManyAsync(HttpContext context) => bodies.ReadJsonAsync(context, IdList.MostBytes, async body =>
    {
        if (IdList.Read(body, out var ids) is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var results = await Task.WhenAll(ids.Select(id => store.DeleteAsync(id, CancellationToken.None)));
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteNumber("deleted", results.Count(r => r is DeleteResult.Deleted or DeleteResult.Lost));
            json.WriteNumber("declared_lost", results.Count(r => r == DeleteResult.Lost));
            IdList.Write(json, "not_found", ids.Where((_, i) => results[i] == DeleteResult.Unknown));
            IdList.Write(json, "busy", ids.Where((_, i) => results[i] == DeleteResult.Busy));
        });
    });
}
