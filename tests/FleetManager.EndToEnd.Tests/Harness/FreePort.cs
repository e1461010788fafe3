using System.Net;
using System.Net.Sockets;

namespace FleetManager.EndToEnd.Tests.Harness;

internal static class FreePort
{
    /// <summary>A port that nobody listens on. A program restarted on its port must find the same one, so the system can not choose at each start.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
