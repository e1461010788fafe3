extern alias agent;

using System.Text.Json;
using agent::FleetManager.Agent.Control;
using FleetManager.Benchmarks.Events;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Events that wait on a device: the same in an agent's own store and in the bare table of the prototype.</summary>
internal sealed class DrainBacklog(string folder)
{
    // Above whatever the server has to say.
    private const long Newest = 1_000_000;

    private string Store => Path.Combine(folder, "store");

    /// <summary>The table of <see cref="Variants.DrainPrototype"/>.</summary>
    public string Table => Path.Combine(folder, "table.db");

    public async Task FillAsync(int events, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await Console.Error.WriteLineAsync($"Filling in {events:n0} events");
        await Backlog.FillAsync(folder, events, cancellationToken);
        using var table = new SqliteConnection($"Data Source={Table};Pooling=False");
        table.Open();
        using var command = table.CreateCommand();
        command.CommandText =
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
            CREATE TABLE mark (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
            INSERT INTO mark VALUES (1, 0);
            ATTACH $store AS store;
            INSERT INTO events SELECT seq, CAST('"eventId":"' || id || '","useCaseId":"' || use_case || '","deviceId":"' || device || '",'
                || substr(CAST(body AS TEXT), 2, length(CAST(body AS TEXT)) - 2) || ',"images":' || CAST(images AS TEXT) || '}' AS BLOB) FROM store.events;
            """;
        command.Parameters.AddWithValue("$store", Path.Combine(Store, "journal.db"));
        command.ExecuteNonQuery();
    }

    /// <summary>A data directory with a copy of the store, of a device that is enrolled at that server.</summary>
    public void CopyTo(string directory, Identity identity, int concurrency)
    {
        foreach (var file in Directory.EnumerateFiles(Store, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(directory, "store", Path.GetRelativePath(Store, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        identity.Save(Path.Combine(directory, Identity.FileName));
        var report = new ReportedSettings(Newest, "", SettingsState.Applied, new Dictionary<string, SectionReport>(), []);
        var store = new EventStoreSettings { Port = FreePort.Next(), MinFreeDiskBytes = 0, RetentionDays = 0 };
        var backup = new BackupSettings { Enabled = true, Concurrency = concurrency, Compression = BackupCompression.Never, DefaultUseCaseId = SampleEvents.UseCase(0) };
        new SettingsSlots(directory).Save(new SettingsRecord(1, report, new Dictionary<string, SectionValue>
        {
            [SettingsCatalog.EventStore.Name] = new(Newest, JsonSerializer.SerializeToElement(store, ContractsJson.Default.EventStoreSettings)),
            [SettingsCatalog.VisionEventsBackup.Name] = new(Newest, JsonSerializer.SerializeToElement(backup, ContractsJson.Default.BackupSettings)),
        }));
    }

    /// <summary>A device that some server is said to have enrolled; its broker is nowhere.</summary>
    public static Identity EnrolledAt(Uri server) => new(
        server.AbsoluteUri, Secret.New(Secret.DeviceKeyPrefix), "dev-benchmark", "benchmark", "default", new("127.0.0.1", 9, false, "fleet"), Proved: true);
}
