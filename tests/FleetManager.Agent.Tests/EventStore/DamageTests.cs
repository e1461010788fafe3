using System.Security.Cryptography;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.EventStore;

/// <summary>Promise G2 on a disk that rots: whatever is hit, the store goes on with the rest, and what is gone is declared lost.</summary>
public sealed class DamageTests : IAsyncLifetime
{
    private const int Events = 300;
    private readonly StoreFixture _fixture = new();
    private readonly Dictionary<string, string> _accepted = new(StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Journal => Path.Combine(_fixture.Folder, "journal.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Journal_BytesFlippedWhileClosed_OpensAndAccountsForEveryNumber(int seed)
    {
        var random = new Random(seed);
        await FillAsync(random);
        var (epoch, last) = (_fixture.Store.Epoch, _fixture.Store.Stats().Totals.LastSeq);

        await _fixture.ReopenAsync(() => Hit(Journal, random, 1 + random.Next(4), 1 + random.Next(200)));

        await AccountedAsync(epoch, last);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task JournalAndItsLog_HitWhileOpen_GoOnAndAccountForEveryNumber(int seed)
    {
        var random = new Random(seed);
        await FillAsync(random);
        var (epoch, last) = (_fixture.Store.Epoch, _fixture.Store.Stats().Totals.LastSeq);

        // Folded in, so that the pages are read from the file again.
        Run("PRAGMA wal_checkpoint(TRUNCATE)");
        Hit(Journal, random, 3, 400);

        await AccountedAsync(epoch, last);
        await _fixture.ReopenAsync();
        await AccountedAsync(epoch, last);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Log_TornByAPowerCut_KeepsWhatWasCommittedBefore(int seed)
    {
        var random = new Random(seed);
        await FillAsync(random);
        var crashed = Path.Combine(_fixture.Folder, "crashed");
        CopyOf(crashed);
        var log = Path.Combine(crashed, "journal.db-wal");
        using (var file = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - random.Next(1, 3000));
        }

        await using var store = Open(crashed);

        var stats = store.Stats();
        Assert.Equal(stats.Totals.LastSeq, stats.Pending + stats.BackedUp + stats.Parked + stats.DeclaredLost);
        Assert.True(stats.Totals.LastSeq > 0);
    }

    [Fact]
    public async Task Row_OneBitFlipped_IsDeclaredLostKeptAsideAndDoesNotBlock()
    {
        await _fixture.AcceptAsync(5);
        Run("UPDATE events SET body = CAST(replace(CAST(body AS TEXT), 'custom', 'kustom') AS BLOB) WHERE seq = 3");

        Assert.Equal([1, 2, 4, 5], await _fixture.LeaseAsync());

        Assert.Equal([(3L, 3L, "damaged")], _fixture.Store.UnreportedLosses(10).Select(l => (l.From, l.Through, l.Reason)));
        Assert.Equal(3, Run("SELECT seq FROM quarantine"));
        Assert.Equal((4, 4, 1), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().Pending, _fixture.Store.Stats().DeclaredLost));
    }

    [Fact]
    public async Task Quarantine_OfMany_KeepsTheNewestHundred()
    {
        await _fixture.AcceptAsync(250);
        Run("UPDATE events SET checksum = checksum + 1 WHERE seq <= 240");

        while ((await _fixture.LeaseAsync()).Count > 0)
        {
        }

        Assert.Equal(100, Run("SELECT count(*) FROM quarantine"));
        Assert.Equal(240, _fixture.Store.Stats().DeclaredLost);
    }

    [Theory]
    [InlineData("UPDATE held SET last = last + 20", 39)]
    [InlineData("UPDATE losses SET last = last + 20", 34)]
    public async Task Marks_ThatClaimMoreThanIsTrue_AreNotBelieved(string damage, long pending)
    {
        await _fixture.AcceptAsync(40);
        await _fixture.HoldAsync(1, 2, 3, 4, 5);
        Run("DELETE FROM events WHERE seq = 6");
        await _fixture.LeaseAsync(1);
        Assert.Equal(1, _fixture.Store.Stats().DeclaredLost);

        await _fixture.ReopenAsync(() => Run(damage));

        // Sent again, or told again: never taken as done.
        Assert.Equal(pending, _fixture.Store.Stats().Pending);
        Assert.Equal(34, (await AllPendingAsync()).Count(e => e.Seq > 6));
        Books();
    }

    [Fact]
    public async Task JournalThatIsNoDatabase_IsSetAsideAndItsEpochDeclaredLost()
    {
        await _fixture.AcceptAsync(7);
        var epoch = _fixture.Store.Epoch;

        await _fixture.ReopenAsync(() => File.WriteAllText(Journal, "this was a journal once"));

        Assert.NotEqual(epoch, _fixture.Store.Epoch);
        await _fixture.AcceptAsync(2);
        Assert.Equal([1, 2], await _fixture.LeaseAsync());
        var former = _fixture.Store.UnreportedFormerLosses(10)!;
        Assert.Equal((epoch, 1L, 7L, "store_lost"), (former.Epoch, former.Losses.Single().From, former.Losses.Single().Through, former.Losses.Single().Reason));
        Assert.True(File.Exists(Path.Combine(_fixture.Folder, "aside", "damaged", "journal.db")));

        await _fixture.Store.MarkFormerReportedAsync(former, Token);
        Assert.Null(_fixture.Store.UnreportedFormerLosses(10));
        await _fixture.ReopenAsync();
        Assert.Null(_fixture.Store.UnreportedFormerLosses(10));
    }

    [Fact]
    public async Task JournalDeleted_IsALossOfItsEpoch()
    {
        await _fixture.AcceptAsync(3);
        var epoch = _fixture.Store.Epoch;

        await _fixture.ReopenAsync(() => File.Delete(Journal));

        Assert.Equal(epoch, _fixture.Store.UnreportedFormerLosses(10)!.Epoch);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task Note_OneSlotHit_TheOtherSpeaks(int at)
    {
        await _fixture.AcceptAsync(3);
        var epoch = _fixture.Store.Epoch;

        await _fixture.ReopenAsync(() =>
        {
            var note = Path.Combine(_fixture.Folder, "epoch");
            var bytes = File.ReadAllBytes(note);
            bytes[at + 3] ^= 0x10;
            File.WriteAllBytes(note, bytes);
            File.Delete(Journal);
        });

        Assert.Equal(epoch, _fixture.Store.UnreportedFormerLosses(10)!.Epoch);
    }

    [Theory]
    [InlineData("journal.copy", false)]
    [InlineData("journal.ready", true)]
    public async Task Replacement_CutOffByACrash_IsForgottenOrFinished(string name, bool isFinished)
    {
        await _fixture.AcceptAsync(5);
        var before = _fixture.Store.Epoch;

        await _fixture.ReopenAsync(() =>
        {
            File.Move(Journal, Path.Combine(_fixture.Folder, name));
            if (!isFinished)
            {
                File.Copy(Path.Combine(_fixture.Folder, name), Journal);
                File.WriteAllText(Path.Combine(_fixture.Folder, name), "half a copy");
            }
        });

        Assert.Equal((before, 5), (_fixture.Store.Epoch, _fixture.Store.Stats().Pending));
        Assert.False(File.Exists(Path.Combine(_fixture.Folder, name)));
    }

    [Fact]
    public async Task ImageFile_Damaged_IsSeenAndMendedByTheNextEventThatShowsIt()
    {
        var arrival = Arrivals.New(pictures: "p");
        await _fixture.Store.AcceptAsync(arrival, Token);
        var hash = arrival.Images[0].Hash;
        Assert.True(_fixture.Store.ImageMatches(hash));
        var bytes = await File.ReadAllBytesAsync(_fixture.Store.ImagePath(hash), Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(_fixture.Store.ImagePath(hash), bytes, Token);
        Assert.False(_fixture.Store.ImageMatches(hash));

        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: "p"), Token);

        Assert.True(_fixture.Store.ImageMatches(hash));
    }

    private async Task FillAsync(Random random)
    {
        for (var i = 0; i < Events / 10; i++)
        {
            var arrivals = Enumerable.Range(0, 10).Select(_ => Arrivals.New(pictures: random.Next(8) == 0 ? [$"{random.Next(50)}"] : [])).ToList();
            await Task.WhenAll(arrivals.Select(a => _fixture.Store.AcceptAsync(a, Token)));
            arrivals.ForEach(a => _accepted[a.Event.Id] = Convert.ToHexString(SHA256.HashData(a.Event.Body)));
        }

        await _fixture.HoldAsync([.. Enumerable.Range(1, random.Next(Events)).Select(n => (long)n)]);
        await _fixture.ParkAsync("image_refused", Events - 1);
    }

    private async Task AccountedAsync(Guid epoch, long last)
    {
        await SettleAsync();
        var before = _fixture.Store.Stats();
        var read = await AllPendingAsync();
        var stats = _fixture.Store.Stats();
        if (stats.Epoch == epoch)
        {
            Assert.True(stats.Totals.LastSeq >= last, $"{stats.Totals.LastSeq} < {last}: numbers would be given out again");
        }
        else
        {
            Assert.Contains(_fixture.Store.UnreportedFormerLosses(10)!.Losses, l => l.From == 1 && l.Through >= last);
        }

        Assert.All(read, e => Assert.Equal(_accepted[e.Event.Id], Convert.ToHexString(SHA256.HashData(e.Event.Body))));
        Books();
        Assert.True(stats.Pending <= before.Pending + before.BackedUp + before.Parked);
        await _fixture.Store.TrimAsync(Token);
        var arrival = Arrivals.New();
        _accepted[arrival.Event.Id] = Convert.ToHexString(SHA256.HashData(arrival.Event.Body));
        Assert.Equal(AcceptResult.Accepted, await _fixture.Store.AcceptAsync(arrival, Token));
        Assert.Equal(arrival.Event.Id, (await AllPendingAsync())[^1].Event.Id);
    }

    private async Task<List<NumberedEvent>> AllPendingAsync()
    {
        var all = await LeaseAllAsync();
        if (_fixture.Store.Stats().Pending != all.Count)
        {
            // What was read before the damage showed, from pages in memory.
            await SettleAsync();
            all = await LeaseAllAsync();
        }

        Assert.Equal(_fixture.Store.Stats().Pending, all.Count);
        return all;
    }

    /// <summary>Whoever meets the damage asks for the mending, and asks again when it is done.</summary>
    private async Task SettleAsync()
    {
        for (var isWhole = false; !isWhole;)
        {
            try
            {
                await LeaseAllAsync();
                _ = _fixture.Store.Stats();
                isWhole = true;
            }
            catch (StoreFailedException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            }
        }
    }

    private async Task<List<NumberedEvent>> LeaseAllAsync()
    {
        var all = new List<NumberedEvent>();
        while (await _fixture.Store.LeaseAsync(100, long.MaxValue, BackupOrder.OldestFirst, Token) is { } lease)
        {
            all.AddRange(lease.Events);
        }

        _fixture.Store.Release(_fixture.Store.Epoch, all.Select(e => e.Seq));
        return all;
    }

    private void Books()
    {
        var stats = _fixture.Store.Stats();
        Assert.Equal(stats.Totals.LastSeq, stats.Pending + stats.BackedUp + stats.Parked + stats.DeclaredLost);
    }

    private DeviceStore Open(string folder) => DeviceStore.Open(
        folder, () => new StorePolicy(_fixture.Limits, _fixture.Backup), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, _fixture.Time);

    private void CopyOf(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(_fixture.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static void Hit(string path, Random random, int places, int bytes)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (var i = 0; i < places; i++)
        {
            var garbage = new byte[bytes];
            random.NextBytes(garbage);
            RandomAccess.Write(file, garbage, random.NextInt64(RandomAccess.GetLength(file)));
        }
    }

    private long Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Journal};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
