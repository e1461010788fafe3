using System.Globalization;
using FleetManager.Agent.Platform;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>The tables of the journal, and how a connection to it is set up.</summary>
internal static class StoreSchema
{
    private const int Version = 2;

    // held: numbers that the server has stored. losses: numbers that it will never get. parked: refused for good, kept. Whatever is in none
    // of the three is pending, so "issued = held + pending + parked + lost" can not drift, and an acknowledged event costs no write of its own.
    // auto_vacuum lets a store that shrank give its space back; it can only be chosen before the first table.
    private const string Create = """
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
            unsent_bytes INTEGER NOT NULL);
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            received_at INTEGER NOT NULL,
            use_case TEXT,
            device TEXT,
            body BLOB NOT NULL,
            images BLOB,
            bytes INTEGER NOT NULL);
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
        CREATE TABLE held (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
        CREATE TABLE parked (seq INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE INDEX parked_code ON parked (code);
        CREATE TABLE losses (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, reported INTEGER NOT NULL);
        INSERT INTO store VALUES (1, $epoch, 0, 0, 0, 0, 0, 0, 0);
        PRAGMA user_version = 2;
        COMMIT;
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

    // Images that were uploaded and that no event shows yet, each with one reference to its file.
    private const string Uploads = """
        CREATE TABLE IF NOT EXISTS uploads (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS drafts_age ON drafts (received_at, id);
        """;

    /// <summary>Opens the journal, making it when it is not there; what is committed through this connection survives a power cut.</summary>
    public static SqliteConnection OpenWriter(string path)
    {
        var connection = Open(path, pooling: false);
        try
        {
            Execute(connection, "PRAGMA busy_timeout = 5000");
            switch (UserVersion(connection))
            {
                case 0:
                    Execute(connection, Create, ("$epoch", Guid.NewGuid().ToString()));
                    break;
                case 1:
                    Execute(connection, UpgradeFrom1);
                    break;
                case Version:
                    break;
                case var other:
                    throw new AgentFault(string.Create(CultureInfo.InvariantCulture, $"the event store {path} has version {other}, this fleet-agent knows {Version}: install the newer fleet-agent again"));
            }

            Execute(connection, Uploads);

            // After the tables, for auto_vacuum can not be chosen in WAL mode.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA temp_store = MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads; readers and the writer never wait for each other.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, pooling: true);
        Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    public static string ConnectionString(string path, bool pooling) =>
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = pooling, DefaultTimeout = 30 }.ToString();

    private static SqliteConnection Open(string path, bool pooling)
    {
        var connection = new SqliteConnection(ConnectionString(path, pooling));
        connection.Open();
        return connection;
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
