using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>Hands to the store what has been read and checked, and says what came of it.</summary>
internal sealed class Intake(DeviceStore store)
{
    /// <summary>Answers unless it was accepted; true when it was: what was handed in is on disk.</summary>
    public Task<bool> TryAcceptAsync(HttpContext context, NewEvent arrival) => TryAsync(context, () => store.AcceptAsync(arrival, CancellationToken.None));

    public Task<bool> TryAcceptAsync(HttpContext context, IReadOnlyList<CloudArrival> arrivals) => TryAsync(context, () => store.AcceptAsync(arrivals, CancellationToken.None));

    public Task<bool> TryUploadAsync(HttpContext context, NewImage image) => TryAsync(context, () => store.UploadAsync(image, CancellationToken.None));

    // Never with the request's token: a producer that goes away must not leave an event half accepted.
    private static async Task<bool> TryAsync(HttpContext context, Func<Task<AcceptResult>> acceptAsync)
    {
        switch (await acceptAsync())
        {
            case AcceptResult.Full:
                await Answer.FullAsync(context);
                return false;
            case AcceptResult.Busy:
                await Answer.FaultAsync(context, new EventFault(
                    StatusCodes.Status503ServiceUnavailable, "an event of this id is being sent to the server right now: send it again in a moment", TimeSpan.FromSeconds(1)));
                return false;
            default:
                return true;
        }
    }
}
