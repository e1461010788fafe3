using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Sync;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Commands;

/// <summary><c>fleet-agent status</c>: asks the running agent, or reads the store when none runs.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var directory = CommandOptions.DataDirectory();
        var json = new Option<bool>("--json") { Description = "Print the whole report as JSON" };
        var command = new Command("status", "Show identity and backup of this device") { directory, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(directory)!);
            var status = await StatusSocket.AskAsync(path, cancellationToken) ?? await ReadAsync(path);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(status, AgentJson.Default.StatusDocument) : Text(status));
            return 0;
        });
        return command;
    }

    private static async Task<StatusDocument> ReadAsync(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new AgentFault($"there is no agent in {path}: name its directory with --data-dir or FLEET_AGENT_DATA_DIR");
        }

        if (DataDirectory.IsTaken(path))
        {
            throw new AgentFault($"a fleet-agent works in {path} but does not tell its status: look at its log");
        }

        using var data = DataDirectory.Take(path);
        if (Identity.Load(data.PathOf(Identity.FileName)) is not { DeviceId: not null } identity)
        {
            throw new AgentFault($"no device is enrolled in {path}: run fleet-agent enroll first, or name another directory with --data-dir");
        }

        var settings = new SettingsService(new SettingsSlots(data), NullLogger.Instance);
        await using var store = DeviceStore.Open(
            data.PathOf("store"), () => new StorePolicy(settings.Current.EventStore, settings.Current.VisionEventsBackup), NullLogger.Instance, TimeProvider.System);
        var sync = new SyncReporter(store, settings, new SyncStatus(SyncPhase.Offline, TimeProvider.System), new ServerClock(TimeProvider.System), TimeProvider.System).Build();
        return new StatusDocument(
            false, AgentVersion.Current, identity.DeviceId, identity.Name, identity.Workspace, identity.Server, null, null, settings.Revision, settings.Report?.State, sync);
    }

    /// <summary>Every number that was given out, and where it is: the counts must add up, whatever happened.</summary>
    private static string Proof(SyncReport sync)
    {
        var rest = sync.LastSeq - sync.BackedUpRecords - sync.PendingRecords - sync.ParkedRecords - sync.DeclaredLostRecords;
        var compared = sync.LastReconciledAt is { } at ? $"compared with the server at {at:u}" : "not compared with the server since the start";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"1–{sync.LastSeq} issued = {sync.BackedUpRecords} held + {sync.PendingRecords} pending + {sync.ParkedRecords} parked + {sync.DeclaredLostRecords} declared lost, {rest} unknown; all up to {sync.AckedThrough} settled; {compared}");
    }

    private static string Text(StatusDocument status)
    {
        var sync = status.Sync;
        var lines = new List<(string Label, string Value)>
        {
            ("Device", $"{status.Name} ({status.DeviceId}) in workspace {status.Workspace}"),
            ("Server", status.Server ?? "none"),
            ("Agent", status.Running ? $"running, version {status.AgentVersion}" : "not running"),
            ("MQTT", status.Mqtt ?? "not connected"),
            ("Event store", status.EventStore ?? "not listening"),
            ("Settings", $"revision {status.SettingsRevision}, {status.SettingsState?.ToString() ?? "the product's defaults"}"),
            ("Phase", status.Running ? sync.Phase.ToString() : "not running"),
            ("Events", $"{sync.Records} of at most {sync.RecordsLimit}, numbers {sync.FirstSeq} to {sync.LastSeq}, {sync.DraftRecords} drafts"),
            ("Pending", $"{sync.PendingRecords} ({sync.PendingBytes} bytes)"),
            ("Backed up", sync.BackedUpRecords.ToString(CultureInfo.InvariantCulture)),
            ("Parked", string.Join("; ", sync.ParkedReasons.Select(r => $"{r.Count} {r.Code}: {r.Message}").Prepend(sync.ParkedRecords.ToString(CultureInfo.InvariantCulture)))),
            ("Declared lost", sync.DeclaredLostRecords.ToString(CultureInfo.InvariantCulture)),
            ("Proof", Proof(sync)),
            ("Last error", sync.LastError is { } error ? $"{error.At:u} {error.Code}: {error.Message}" : "none"),
        };
        return string.Join(Environment.NewLine, lines.Select(l => $"{l.Label,-14}{l.Value}"));
    }
}
