namespace FleetManager.Agent.EventStore;

/// <summary>Whether the store refuses events for want of room. Unknown until it was first looked at.</summary>
internal sealed class CapacityState
{
    private long _refusedBytes;

    /// <summary>Called when it changes.</summary>
    public event Action? Changed;

    public bool? Blocked
    {
        get;
        private set
        {
            if (field != value)
            {
                field = value;
                Changed?.Invoke();
            }
        }
    }

    public void Record(AcceptResult result, NewEvent arrival) => Record(result, arrival.Event.OwnBytes + arrival.Images.Sum(i => (long)i.Content.Length));

    /// <param name="result">Busy tells nothing about room.</param>
    /// <param name="bytes">What was asked for.</param>
    public void Record(AcceptResult result, long bytes)
    {
        if (result != AcceptResult.Busy)
        {
            Blocked = result == AcceptResult.Full;
            _refusedBytes = Blocked == true ? bytes : 0;
        }
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
