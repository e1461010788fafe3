namespace FleetManager.Agent.LocalApi;

/// <summary>Takes events as producers on the device send them (vision-events.md 14.3).</summary>
internal sealed class CreateApi(Intake intake, BodyReader bodies, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v2/events", (RequestDelegate)CreateAsync);

    /// <summary>Stores one event: 201 once it is on disk.</summary>
    private Task CreateAsync(HttpContext context) => bodies.ReadJsonAsync(context, BodyReader.MostBytes, async body =>
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        if (EventParser.Parse(body, id, out var arrival) is { } fault)
        {
            await Answer.FaultAsync(context, fault);
        }
        else if (await intake.TryAcceptAsync(context, arrival!))
        {
            await Answer.IdAsync(context, StatusCodes.Status201Created, id);
        }
    });
}
