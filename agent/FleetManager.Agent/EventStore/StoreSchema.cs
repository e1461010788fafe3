using System.Globalization;
using FleetManager.Agent.Platform;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>The tables of the journal, and how a connection to it is set up.</summary>
internal static class StoreSchema
{
    public const int Version = 3;

    private const long LogBytes = 4 * 1024 * 1024;

    // held: numbers that the server has stored. losses: numbers that it will never get. parked: refused for good, kept. Whatever is in none
    // of the three is pending, so "issued = held + pending + parked + lost" can not drift, and an acknowledged event costs no write of its own.
    // ages: the first number of each hour of the store's own time. former_losses: what former epochs of this device have lost. quarantine: what
    // is left of damaged rows. uploads: images that no event shows yet, each with one reference to its file. auto_vacuum lets a store that shrank give its space back; like the size of the pages, it can only be chosen
    // before the first table. Small pages: each page that a commit touches is written whole, twice,
    // so that their size decides how much a flash wears: 2.6 times the event where pages of 4 KiB take 3.5, and 8 instead of 19 for one alone.
    private const string Create = """
        PRAGMA page_size = 512;
        PRAGMA auto_vacuum = INCREMENTAL;
        BEGIN IMMEDIATE;
        CREATE TABLE store (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            epoch TEXT NOT NULL,
            last_seq INTEGER NOT NULL,
            records INTEGER NOT NULL,
            drafts INTEGER NOT NULL,
            images INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            pending_bytes INTEGER NOT NULL,
            unsent_bytes INTEGER NOT NULL,
            checksum INTEGER,
            previous_epoch TEXT,
            age INTEGER NOT NULL DEFAULT 0,
            age_wall INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            received_at INTEGER NOT NULL,
            use_case TEXT,
            device TEXT,
            body BLOB NOT NULL,
            images BLOB,
            bytes INTEGER NOT NULL,
            checksum INTEGER);
        CREATE TABLE drafts (
            id TEXT PRIMARY KEY,
            received_at INTEGER NOT NULL,
            use_case TEXT,
            device TEXT,
            body BLOB NOT NULL,
            images BLOB,
            bytes INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE images (
            hash TEXT PRIMARY KEY,
            bytes INTEGER NOT NULL,
            refs INTEGER NOT NULL,
            source_id TEXT) WITHOUT ROWID;
        CREATE TABLE held (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, checksum INTEGER);
        CREATE TABLE parked (seq INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE INDEX parked_code ON parked (code);
        CREATE TABLE losses (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, reported INTEGER NOT NULL, checksum INTEGER);
        INSERT INTO store (one, epoch, last_seq, records, drafts, images, bytes, pending_bytes, unsent_bytes, previous_epoch) VALUES (1, $epoch, 0, 0, 0, 0, 0, 0, 0, $previous);
        """ + AddedIn3 + """
        PRAGMA user_version = 3;
        COMMIT;
        """;

    private const string AddedIn3 = """
        CREATE TABLE ages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        CREATE TABLE former_losses (
            epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, reported INTEGER NOT NULL,
            PRIMARY KEY (epoch, first)) WITHOUT ROWID;
        CREATE TABLE quarantine (seq INTEGER PRIMARY KEY, id, received_at, use_case, device, body, images, found_at INTEGER NOT NULL);
        CREATE TABLE uploads (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX drafts_age ON drafts (received_at, id);

        """;

    // Version 1 counted a picture as pending for each event that shows it, also when the server had it.
    private const string UpgradeFrom1 = """
        BEGIN IMMEDIATE;
        ALTER TABLE store ADD COLUMN unsent_bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE store SET
            unsent_bytes = (SELECT coalesce(sum(bytes), 0) FROM images WHERE source_id IS NULL),
            pending_bytes = (SELECT coalesce(sum(length(body) + coalesce(length(images), 0)), 0) FROM events
                WHERE NOT EXISTS (SELECT 1 FROM held WHERE seq BETWEEN first AND last) AND seq NOT IN (SELECT seq FROM parked));
        PRAGMA user_version = 2;
        COMMIT;
        """;

    // Version 2 had no checksums, and judged age by the wall clock; what it holds counts as new, which keeps it a little longer. Takes the
    // same moment for any number of events.
    private const string UpgradeFrom2 = """
        BEGIN IMMEDIATE;
        ALTER TABLE store ADD COLUMN checksum INTEGER;
        ALTER TABLE store ADD COLUMN previous_epoch TEXT;
        ALTER TABLE store ADD COLUMN age INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE store ADD COLUMN age_wall INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE events ADD COLUMN checksum INTEGER;
        ALTER TABLE held ADD COLUMN checksum INTEGER;
        ALTER TABLE losses ADD COLUMN checksum INTEGER;
        """ + AddedIn3 + """
        INSERT INTO ages (seq, at) SELECT seq, 0 FROM events ORDER BY seq LIMIT 1;
        PRAGMA user_version = 3;
        COMMIT;
        """;

    /// <summary>Opens the journal; what is committed through this connection survives a power cut.</summary>
    /// <param name="path">The file.</param>
    /// <param name="beforeUpgrade">Told of an older version before its tables are changed.</param>
    public static SqliteConnection OpenWriter(string path, Action<SqliteConnection, long>? beforeUpgrade = null)
    {
        var connection = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            Execute(connection, "PRAGMA busy_timeout = 5000");
            var version = UserVersion(connection);
            if (version is 1 or 2)
            {
                beforeUpgrade?.Invoke(connection, version);
                Execute(connection, version == 1 ? UpgradeFrom1 + UpgradeFrom2 : UpgradeFrom2);
            }
            else if (version == 0)
            {
                throw new InvalidDataException($"{path} has no tables of an event store");
            }
            else if (version != Version)
            {
                throw new AgentFault(string.Create(CultureInfo.InvariantCulture, $"the event store {path} has version {version}, this fleet-agent knows {Version}: install the newer fleet-agent again"));
            }

            // After the tables, for auto_vacuum can not be chosen in WAL mode. Pages are folded in after about 4 MiB of log, and a log that a
            // large transaction has made longer is cut again.
            var pages = LogBytes / PageSize(connection);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {pages}; PRAGMA journal_size_limit = {4 * LogBytes}; PRAGMA temp_store = MEMORY"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes a new journal, and leaves it open. Not in WAL mode: it is one file, which may be renamed once it is closed.</summary>
    public static SqliteConnection CreateNew(string path, Guid epoch, Guid? previous)
    {
        File.Delete(path);
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Execute(connection, "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
            Execute(connection, Create, ("$epoch", epoch.ToString()), ("$previous", previous?.ToString() ?? (object)DBNull.Value));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a journal that may be damaged, only to read it.</summary>
    public static SqliteConnection OpenDamaged(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWrite);
        Execute(connection, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON");
        return connection;
    }

    /// <summary>Opens a connection that only reads; readers and the writer never wait for each other.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = new SqliteConnection(ConnectionString(path, pooling: true));
        connection.Open();
        Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    public static string ConnectionString(string path, bool pooling) =>
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = pooling, DefaultTimeout = 30 }.ToString();

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30, Mode = mode }.ToString());
        connection.Open();
        return connection;
    }

    private static long PageSize(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size";
        return (long)command.ExecuteScalar()!;
    }

    private static long UserVersion(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above come here.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
