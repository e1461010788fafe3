using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.EventStore;

public sealed class StoreCheckTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(FillAsync());

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task WholeStore_RunningOrClosed_HasNoFinding()
    {
        Assert.Empty(Check().Findings);
        await _fixture.Store.TrimAsync(Token);
        Assert.Empty(Check().Findings);
        await _fixture.Store.DisposeAsync();

        var result = Check();

        Assert.Empty(result.Findings);
        Assert.Equal((12, 3, 7, 1, 1, 8, 2), (result.LastSeq, result.Held, result.Pending, result.Parked, result.DeclaredLost, result.Records, result.Images));
        Assert.Contains("1 damaged rows", Assert.Single(result.Notes), StringComparison.Ordinal);
        await _fixture.ReopenAsync();
    }

    [Theory]
    [InlineData("UPDATE events SET body = x'00' WHERE seq = 7", "row")]
    [InlineData("UPDATE events SET use_case = 'other' WHERE seq = 7", "row")]
    [InlineData("UPDATE events SET received_at = received_at + 1 WHERE seq = 7", "row")]
    [InlineData("DELETE FROM events WHERE seq = 7", "number")]
    [InlineData("DELETE FROM losses", "number")]
    [InlineData("DELETE FROM events WHERE seq = 6", "parked")]
    [InlineData("INSERT INTO parked VALUES (2, 'c', 'm', 0)", "parked")]
    [InlineData("INSERT INTO held VALUES (3, 40, NULL)", "held")]
    [InlineData("UPDATE held SET last = last + 1", "journal")]
    [InlineData("UPDATE losses SET reason = 'x'", "journal")]
    [InlineData("UPDATE store SET last_seq = last_seq - 1", "journal")]
    [InlineData("UPDATE store SET records = 5, checksum = NULL", "sums")]
    [InlineData("UPDATE images SET refs = refs + 1", "image")]
    [InlineData("DELETE FROM images", "image")]
    public void Damage_OfARow_IsNamed(string damage, string code)
    {
        Run(damage);

        Assert.Contains(Check().Findings, f => f.Code == code);
    }

    [Fact]
    public void Damage_OfOneNumber_SaysWhichOne()
    {
        Run("DELETE FROM events WHERE seq IN (8, 9)");

        Assert.Contains(Check().Findings, f => (f.Code, f.From, f.Through) == ("number", 8, 9));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Image_GoneOrChanged_IsNamed(bool gone)
    {
        var file = _fixture.Store.ImagePath(Arrivals.New(pictures: "a").Images[0].Hash);
        if (gone)
        {
            File.Delete(file);
        }
        else
        {
            File.AppendAllText(file, "x");
        }

        Assert.Contains(Check().Findings, f => f.Code == "image" && f.Text.Contains(Path.GetFileName(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task OlderCopyOfTheJournal_IsNamed()
    {
        await _fixture.Store.DisposeAsync();
        var journal = Path.Combine(_fixture.Folder, "journal.db");
        File.Copy(journal, journal + ".old");
        await _fixture.ReopenAsync();
        await _fixture.AcceptAsync(1);
        await _fixture.Store.DisposeAsync();
        File.Move(journal + ".old", journal, overwrite: true);

        Assert.Contains(Check().Findings, f => f.Code == "epoch");
        await _fixture.ReopenAsync();
    }

    [Fact]
    public async Task Page_Overwritten_IsNamed()
    {
        await _fixture.Store.DisposeAsync();
        var journal = Path.Combine(_fixture.Folder, "journal.db");
        var bytes = await File.ReadAllBytesAsync(journal, Token);
        Array.Fill(bytes, (byte)0xA5, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(journal, bytes, Token);

        Assert.False(Check().IsWhole);
        await _fixture.ReopenAsync();
    }

    private async Task FillAsync()
    {
        await _fixture.AcceptAsync(10);
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: ["a", "b"]), Token);
        await _fixture.AcceptAsync(1);
        await _fixture.Store.AcceptAsync(Arrivals.New(draft: true, pictures: "a"), Token);
        await _fixture.HoldAsync(1, 2, 3);
        await _fixture.ParkAsync("image_refused", 6);
        Run("UPDATE events SET checksum = 1 WHERE seq = 5");
        await _fixture.LeaseAsync();
        _fixture.Store.Release(_fixture.Store.Epoch, Enumerable.Range(1, 12).Select(n => (long)n));
        _fixture.Backup = _fixture.Backup with { DeleteAfterBackup = true };
        await _fixture.Store.TrimAsync(Token);
    }

    private StoreCheckResult Check() => StoreCheck.Run(_fixture.Folder, _fixture.Time, Token);

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_fixture.Folder, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
