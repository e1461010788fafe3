using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.EventStore;

/// <summary>A store of an older version opens with all it has, and a copy of it as it was stays for a week.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    // As version 2 made it.
    private const string Version2 = """
        PRAGMA auto_vacuum = INCREMENTAL;
        CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, last_seq INTEGER NOT NULL, records INTEGER NOT NULL, drafts INTEGER NOT NULL,
            images INTEGER NOT NULL, bytes INTEGER NOT NULL, pending_bytes INTEGER NOT NULL, unsent_bytes INTEGER NOT NULL);
        CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL, use_case TEXT, device TEXT, body BLOB NOT NULL, images BLOB, bytes INTEGER NOT NULL);
        CREATE TABLE drafts (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL, use_case TEXT, device TEXT, body BLOB NOT NULL, images BLOB, bytes INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE images (hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL, refs INTEGER NOT NULL, source_id TEXT) WITHOUT ROWID;
        CREATE TABLE held (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
        CREATE TABLE parked (seq INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE INDEX parked_code ON parked (code);
        CREATE TABLE losses (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, reported INTEGER NOT NULL);
        INSERT INTO store VALUES (1, '6a3f7a2e-9a55-4f5e-8f62-0c9d0d1b7a10', 6, 5, 0, 0, 10, 6, 0);
        INSERT INTO events VALUES (2, 'b', 1000, 'line', NULL, x'7b7d', NULL, 2), (3, 'c', 1000, 'line', NULL, x'7b7d', NULL, 2), (4, 'd', 1000, 'line', NULL, x'7b7d', NULL, 2),
            (5, 'e', 1000, 'line', NULL, x'7b7d', NULL, 2), (6, 'f', 1000, NULL, 'cam', x'7b7d', NULL, 2);
        INSERT INTO held VALUES (1, 2);
        INSERT INTO parked VALUES (4, 'use_case_missing', 'because', 1000);
        PRAGMA user_version = 2;
        """;

    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Journal => Path.Combine(_fixture.Folder, "journal.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Version2_Opened_KeepsEpochNumbersAndMarks()
    {
        await _fixture.ReopenAsync(MakeOld);

        var stats = _fixture.Store.Stats();
        Assert.Equal(Guid.Parse("6a3f7a2e-9a55-4f5e-8f62-0c9d0d1b7a10"), stats.Epoch);
        Assert.Equal((6, 5, 3, 2, 1), (stats.Totals.LastSeq, stats.Totals.Records, stats.Pending, stats.BackedUp, stats.Parked));
        Assert.Equal([3, 5, 6], await _fixture.LeaseAsync());
        await _fixture.HoldAsync(3);
        await _fixture.AcceptAsync(1);
        Assert.Equal(7, _fixture.Store.Stats().Totals.LastSeq);
        Assert.Empty(StoreCheck.Run(_fixture.Folder, _fixture.Time, Token).Findings);
    }

    [Fact]
    public async Task Version2_Opened_LeavesACopyAsItWasForAWeek()
    {
        await _fixture.ReopenAsync(MakeOld);
        var copy = Path.Combine(_fixture.Folder, "aside", "version-2");
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(copy, "journal.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) + 100 * (SELECT count(*) FROM pragma_table_info('events') WHERE name = 'checksum') FROM events";
            Assert.Equal(5L, command.ExecuteScalar());
        }

        Directory.SetLastWriteTimeUtc(copy, _fixture.Time.GetUtcNow().UtcDateTime.AddDays(-6));
        await _fixture.Store.TrimAsync(Token);
        Assert.True(Directory.Exists(copy));
        Directory.SetLastWriteTimeUtc(copy, _fixture.Time.GetUtcNow().UtcDateTime.AddDays(-8));
        await _fixture.Store.TrimAsync(Token);
        Assert.False(Directory.Exists(copy));
    }

    [Fact]
    public async Task NewerVersion_IsAFaultThatSaysSoAndLeavesTheFile()
    {
        var fault = await Assert.ThrowsAsync<AgentFault>(() => _fixture.ReopenAsync(() => Run("PRAGMA user_version = 99")));

        Assert.Contains("version 99", fault.Message, StringComparison.Ordinal);
        Run("PRAGMA user_version = 3");
        await _fixture.ReopenAsync();
    }

    private void MakeOld()
    {
        foreach (var file in Directory.EnumerateFiles(_fixture.Folder))
        {
            File.Delete(file);
        }

        Run(Version2);
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Journal};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
