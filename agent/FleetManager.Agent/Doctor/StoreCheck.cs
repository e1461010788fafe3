using System.Net;
using System.Net.Sockets;
using FleetManager.Agent.LocalApi;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Doctor;

/// <summary>The agent on this device: whether it runs, takes events, and gets rid of them.</summary>
internal static class StoreCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static Finding Store(SyncReport sync)
    {
        var counts = $"{sync.Records} events: {sync.PendingRecords} pending, {sync.BackedUpRecords} backed up, {sync.ParkedRecords} parked, {sync.DeclaredLostRecords} declared lost";
        return sync.CapacityBlocked == true
            ? Finding.Failed("event store", $"it is full and refuses new events; {counts}", "see the backup below; or raise eventStore.maxRecords and maxBytes, or let it drop the oldest (eventStore.whenFull)")
            : sync.ParkedReasons is [var reason, ..]
                ? Finding.Warning("event store", $"{counts}; {reason.Count} because: {reason.Message}", "mend the reason, then retry or discard the parked events in the console")
                : Finding.Ok("event store", counts);
    }

    public static Finding Backup(SyncReport sync) => sync.Phase switch
    {
        SyncPhase.Disabled => Finding.Ok("backup", "switched off: events stay on this device"),
        SyncPhase.Offline or SyncPhase.Backoff or SyncPhase.Unauthorized or SyncPhase.Error => Finding.Failed(
            "backup", $"{sync.Phase}: {sync.LastError?.Message}", "see REST below; the agent goes on trying by itself, and nothing is lost meanwhile"),
        _ => Finding.Ok("backup", $"{sync.Phase}, {sync.PendingRecords} events to send"),
    };

    /// <summary>Asks the Event Store API as a producer would.</summary>
    public static async Task<Finding> ListenerAsync(string? listening, TimeProvider time, CancellationToken cancellationToken)
    {
        if (listening is null)
        {
            return Finding.Warning("local API", "it does not listen: eventStore.enabled is off", "switch the event store on in the console if this device is to take events");
        }

        using var client = new HttpClient();
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://{Reachable(listening)}/health"), cancellationToken).WaitAsync(s_patience, time, cancellationToken);
            return answer.IsSuccessStatusCode
                ? Finding.Ok("local API", $"it answers on {listening}")
                : Finding.Failed("local API", $"{listening} answers {(int)answer.StatusCode}", "look at the agent's log: journalctl -u fleet-agent");
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return Finding.Failed("local API", $"{listening} does not answer ({e.GetBaseException().Message})", "look at the agent's log: journalctl -u fleet-agent");
        }
    }

    /// <summary>Whether the port is free for an agent that does not run yet.</summary>
    public static Finding Port(EventStoreSettings settings)
    {
        if (ListenAddress.Of(settings, pinnedPort: null) is not { } wanted)
        {
            return Finding.Ok("local API", "switched off by the settings");
        }

        try
        {
            using var probe = new TcpListener(wanted.Address, wanted.Port);
            probe.Start();
            return Finding.Ok("local API", $"{wanted} is free for it");
        }
        catch (SocketException e)
        {
            return Finding.Failed("local API", $"{wanted} can not be listened on ({e.Message})", "stop the program that has the port (ss -ltnp), or set eventStore.port or eventStore.bindAddress in the console");
        }
    }

    // Who listens on every address is asked on the loopback one.
    private static string Reachable(string listening) =>
        IPEndPoint.TryParse(listening, out var end) && (end.Address.Equals(IPAddress.Any) || end.Address.Equals(IPAddress.IPv6Any)) ? $"127.0.0.1:{end.Port}" : listening;
}
