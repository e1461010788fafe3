using System.Net.NetworkInformation;

namespace FleetManager.Agent.Platform;

/// <summary>Calls back when the host got another address or link, such as after a cable was plugged in.</summary>
internal sealed class NetworkWatch : IDisposable
{
    private readonly Action _changed;

    public NetworkWatch(Action changed)
    {
        _changed = changed;
        NetworkChange.NetworkAddressChanged += Tell;
    }

    public void Dispose() => NetworkChange.NetworkAddressChanged -= Tell;

    private void Tell(object? sender, EventArgs e) => _changed();
}
