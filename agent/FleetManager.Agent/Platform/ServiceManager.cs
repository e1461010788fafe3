using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Tells systemd how the service is, by the protocol of <c>sd_notify(3)</c>: ready, alive, stopping. Where there is no systemd, nothing is told.
/// </summary>
/// <param name="socketPath">Value of <c>NOTIFY_SOCKET</c>; null or empty when the program is no service of the kind that notifies.</param>
/// <param name="watchdog">How long systemd waits for a sign of life before it starts the service again; null for ever.</param>
internal sealed class ServiceManager(string? socketPath, TimeSpan? watchdog)
{
    /// <summary>As the environment of this process has it.</summary>
    public static ServiceManager OfThisProcess()
    {
        // A watchdog that is meant for another process of the service is none of ours.
        var pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        var isOurs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var watchdog = isOurs && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : (TimeSpan?)null;
        return new ServiceManager(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), watchdog);
    }

    public void Ready(string status) => Tell($"READY=1\nSTATUS={status}");

    public void Stopping() => Tell("STOPPING=1\nSTATUS=Finishing what is under way");

    /// <summary>
    /// Gives signs of life, twice as often as they are due, as long as <paramref name="isAlive"/> comes back true in time. A program that hangs
    /// gives none, and systemd starts it again.
    /// </summary>
    public async Task WatchAsync(Func<bool> isAlive, TimeProvider time, CancellationToken cancellationToken)
    {
        if (watchdog is not { } due || string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            if (await Task.Run(isAlive, cancellationToken).WaitAsync(cancellationToken))
            {
                Tell("WATCHDOG=1");
            }

            await Task.Delay(due / 2, time, cancellationToken);
        }
    }

    private void Tell(string state)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        try
        {
            // A name that starts with @ is in the abstract namespace, which the kernel marks by a NUL.
            var address = new UnixDomainSocketEndPoint(socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), address);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // Whoever set the variable does not listen; the agent's work does not hang on it.
        }
    }
}
