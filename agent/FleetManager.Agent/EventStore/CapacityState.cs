namespace FleetManager.Agent.EventStore;

/// <summary>Whether the store refuses events for want of room. Unknown until it was first looked at.</summary>
internal sealed class CapacityState
{
    private long _refusedBytes;

    public bool? Blocked { get; private set; }

    public void Record(AcceptResult result, NewEvent arrival)
    {
        Blocked = result == AcceptResult.Full;
        _refusedBytes = Blocked == true ? arrival.Event.OwnBytes + arrival.Images.Sum(i => (long)i.Content.Length) : 0;
    }

    /// <summary>Looks again, after something may have made room. Call under the state's gate.</summary>
    public void Refresh(StorePolicy policy, StoreState state, FreeSpace disk)
    {
        // What the server holds can always make room.
        var hasHeld = state.Totals.Records > state.Totals.LastSeq - state.Gone.Count;
        var hasDisk = disk.Available - _refusedBytes >= policy.FreeDiskToLeave && disk.HasFiles(0);
        Blocked = !hasHeld && !(hasDisk && (policy.DropsUnsynced || state.Totals.Fits(_refusedBytes, policy.Limits)));
    }
}
