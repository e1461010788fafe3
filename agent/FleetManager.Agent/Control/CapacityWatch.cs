using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>Writes down that the store is full, and that it has room again; one that flickers between both is looked at six times a minute.</summary>
internal sealed class CapacityWatch
{
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(10);
    private readonly DeviceStore _store;
    private readonly Lifecycle _lifecycle;
    private readonly TimeProvider _time;
    private readonly Signal _changed = new();

    public CapacityWatch(DeviceStore store, Lifecycle lifecycle, TimeProvider time)
    {
        (_store, _lifecycle, _time) = (store, lifecycle, time);
        store.CapacityChanged += _changed.Set;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _changed.Reset();
            if (_store.CapacityBlocked is { } blocked)
            {
                _lifecycle.Capacity(blocked);
            }

            await Task.Delay(s_calm, _time, cancellationToken);
            await _changed.Given.WaitAsync(cancellationToken);
        }
    }
}
