using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Sync;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Doctor;

/// <summary>Looks at every leg that an agent stands on, beside one that runs or in place of one that does not. It changes nothing.</summary>
internal sealed class Examination(string path, TimeProvider time)
{
    private readonly List<Finding> _findings = [];

    public async Task<DoctorReport> RunAsync(CancellationToken cancellationToken)
    {
        if (!Passes(DirectoryCheck.Rights(path)) && !Directory.Exists(path))
        {
            return Report();
        }

        var settings = new SettingsService(new SettingsSlots(path), NullLogger.Instance);
        _findings.Add(DirectoryCheck.Space(path, settings.Current.EventStore));
        _findings.Add(DirectoryCheck.Inodes(path));
        if (!Passes(DirectoryCheck.Identity(path, out var identity)) || identity is null)
        {
            return Report();
        }

        var status = await StatusSocket.AskAsync(path, cancellationToken);
        await AgentAsync(status, settings, cancellationToken);
        await ServerAsync(identity, cancellationToken);
        await BrokerAsync(identity, status, cancellationToken);
        return Report();
    }

    private DoctorReport Report() => new(_findings.TrueForAll(f => f.Verdict != Verdict.Failed), _findings);

    private bool Passes(Finding finding)
    {
        _findings.Add(finding);
        return finding.Verdict != Verdict.Failed;
    }

    private async Task AgentAsync(StatusDocument? status, SettingsService settings, CancellationToken cancellationToken)
    {
        if (status is not null)
        {
            _findings.Add(Finding.Ok("agent", $"it runs, version {status.AgentVersion}, settings revision {status.SettingsRevision}"));
            _findings.Add(await StoreCheck.ListenerAsync(status.EventStore, time, cancellationToken));
            _findings.Add(StoreCheck.Store(status.Sync));
            _findings.Add(StoreCheck.Backup(status.Sync));
            return;
        }

        if (DataDirectory.IsTaken(path))
        {
            _findings.Add(Finding.Failed("agent", "a process works in this directory and does not answer", "start it again: systemctl restart fleet-agent; or run doctor as root or as its user"));
            return;
        }

        _findings.Add(Finding.Warning("agent", "it does not run", "systemctl start fleet-agent, or fleet-agent run"));
        _findings.Add(StoreCheck.Port(settings.Current.EventStore));
        if (!File.Exists(Path.Combine(path, "store", "journal.db")))
        {
            // Opened by this user it would be made, and belong to the wrong one.
            _findings.Add(Finding.Ok("event store", "there is none yet: the first start makes it"));
            return;
        }

        try
        {
            using var data = DataDirectory.Take(path);
            await using var store = DeviceStore.Open(
                data.PathOf("store"), () => new StorePolicy(settings.Current.EventStore, settings.Current.VisionEventsBackup), NullLogger.Instance, time);
            _findings.Add(StoreCheck.Store(new SyncReporter(store, settings, new SyncStatus(SyncPhase.Offline, time), new ServerClock(time), time).Build()));
        }
        catch (AgentFault fault)
        {
            _findings.Add(Finding.Failed("event store", fault.Message, "see above"));
        }
    }

    private async Task ServerAsync(Identity identity, CancellationToken cancellationToken)
    {
        var server = new Uri(identity.Server);
        if (await WayAsync(new NetworkCheck("server", server.IdnHost, server.Port, server.Scheme == Uri.UriSchemeHttps, time), cancellationToken))
        {
            _findings.AddRange(await ServerCheck.RunAsync(identity, time, cancellationToken));
        }
        else
        {
            _findings.Add(Finding.Skipped("REST", "there is no way to the server"));
            _findings.Add(Finding.Skipped("clock", "there is no way to the server"));
        }
    }

    private async Task BrokerAsync(Identity identity, StatusDocument? status, CancellationToken cancellationToken)
    {
        var broker = identity.Mqtt!;
        if (!await WayAsync(new NetworkCheck("broker", broker.Host, broker.Port, broker.Tls, time), cancellationToken))
        {
            _findings.Add(Finding.Skipped("MQTT", "there is no way to the broker"));
            return;
        }

        // A broker has room for one connection of a device: a second would throw the agent out.
        if (status?.Mqtt is { } state)
        {
            _findings.Add(state == MqttLink.ConnectedState
                ? Finding.Ok("MQTT", "the running agent is connected and subscribed")
                : Finding.Failed("MQTT", $"the running agent is {state}", "if this stays: check the broker's access rules, and that no other agent runs with this device's identity"));
            return;
        }

        try
        {
            await MqttProof.RunAsync(identity, time, cancellationToken);
            _findings.Add(Finding.Ok("MQTT", "the broker lets this device connect and subscribe"));
        }
        catch (AgentFault fault)
        {
            _findings.Add(Finding.Failed("MQTT", fault.Message, "see the server's log for why"));
        }
    }

    private async Task<bool> WayAsync(NetworkCheck check, CancellationToken cancellationToken)
    {
        var isOpen = true;
        await foreach (var finding in check.RunAsync(cancellationToken))
        {
            isOpen = Passes(finding);
        }

        return isOpen;
    }
}
