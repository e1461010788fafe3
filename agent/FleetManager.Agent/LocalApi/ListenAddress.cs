using System.Net;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.LocalApi;

/// <summary>Where the local API listens; null settings mean nowhere.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    public static ListenAddress? Of(EventStoreSettings settings, int? pinnedPort) =>
        settings.Enabled ? new ListenAddress(IPAddress.Parse(settings.BindAddress), pinnedPort ?? settings.Port) : null;

    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
