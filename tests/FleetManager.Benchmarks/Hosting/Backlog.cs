extern alias agent;

using System.Text;
using System.Text.Json;
using agent::FleetManager.Agent.Control;
using agent::FleetManager.Agent.EventStore;
using agent::FleetManager.Agent.Platform;
using FleetManager.Benchmarks.Events;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Events that wait on a device: the same in an agent's own store and in the bare table of the prototype.</summary>
internal sealed class Backlog(string folder, IReadOnlyList<string> images)
{
    private const int Producers = 64;
    private const int Seed = 7;

    // Above whatever the server has to say.
    private const long Newest = 1_000_000;

    private string Store => Path.Combine(folder, "store");

    /// <summary>The table of <see cref="Variants.DrainPrototype"/>.</summary>
    public string Table => Path.Combine(folder, "table.db");

    public async Task FillAsync(int events, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"Filling in {events:n0} events");
        var limits = new EventStoreSettings { MinFreeDiskBytes = 0, MaxRecords = 100_000_000, MaxBytes = 1L << 40 };
        await using var store = DeviceStore.Open(Store, () => new StorePolicy(limits, new BackupSettings { Enabled = true }), NullLogger.Instance, TimeProvider.System);
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(async producer =>
        {
            var random = new Random(Seed + producer);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (await store.AcceptAsync(new NewEvent(Sample(random), [], Draft: false), cancellationToken) != AcceptResult.Accepted)
                {
                    throw new InvalidOperationException("The disk is full.");
                }
            }
        }));
        FillTable();
    }

    /// <summary>A data directory with a copy of the store, of a device that is enrolled at that server.</summary>
    public void CopyTo(string directory, Identity identity, BackupSettings backup)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CopyStoreTo(directory);
        identity.Save(Path.Combine(directory, Identity.FileName));
        var section = JsonSerializer.SerializeToElement(backup, Contracts.ContractsJson.Default.BackupSettings);
        var store = JsonSerializer.SerializeToElement(new EventStoreSettings { Port = FreePort.Next(), MinFreeDiskBytes = 0 }, Contracts.ContractsJson.Default.EventStoreSettings);
        var report = new ReportedSettings(Newest, "", SettingsState.Applied, new Dictionary<string, SectionReport>(), []);
        new SettingsSlots(directory).Save(new SettingsRecord(1, report, new Dictionary<string, SectionValue>
        {
            [SettingsCatalog.VisionEventsBackup.Name] = new(Newest, section),
            [SettingsCatalog.EventStore.Name] = new(Newest, store),
        }));
    }

    public void CopyStoreTo(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(Store, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(directory, "store", Path.GetRelativePath(Store, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private StoredEvent Sample(Random random)
    {
        // What the local API would make of it: its members without its id, its use case and its device.
        var json = new StringBuilder();
        SampleEvents.Append(json, random, images);
        using var document = JsonDocument.Parse(json.ToString());
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject().Where(m => m.Name is not ("eventId" or "useCaseId" or "deviceId" or "timestamp")))
            {
                member.WriteTo(writer);
            }

            writer.WriteString("timestamp", TimeProvider.System.GetUtcNow());
            writer.WriteEndObject();
        }

        return new StoredEvent(
            EventIds.Next(TimeProvider.System.GetUtcNow()).ToString(),
            document.RootElement.GetProperty("useCaseId").GetString(),
            document.RootElement.GetProperty("deviceId").GetString(),
            body.ToArray(),
            null);
    }

    private void FillTable()
    {
        File.Delete(Table);
        using var table = new SqliteConnection($"Data Source={Table};Pooling=False");
        table.Open();
        using var command = table.CreateCommand();
        command.CommandText =
            $"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
            CREATE TABLE mark (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
            INSERT INTO mark VALUES (1, 0);
            ATTACH '{Path.Combine(Store, "journal.db")}' AS store;
            INSERT INTO events SELECT seq, CAST('"eventId":"' || id || '","useCaseId":"' || use_case || '","deviceId":"' || device || '",' || substr(CAST(body AS TEXT), 2) AS BLOB) FROM store.events;
            """;
        command.ExecuteNonQuery();
    }
}
