using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.EventStore;

public sealed class DeviceStoreTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Accept_ManyAtOnce_NumbersThemWithoutGap()
    {
        await _fixture.AcceptAsync(500);

        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), await _fixture.LeaseAsync(1000));
        Assert.Equal(500, _fixture.Store.Stats().Totals.LastSeq);
    }

    [Fact]
    public async Task Accept_OneOfAGroupFails_TheOthersAreStoredWithoutGap()
    {
        var twin = Arrivals.New();
        var arrivals = Enumerable.Range(0, 100).Select(i => i is 20 or 70 ? twin : Arrivals.New()).ToList();

        var outcomes = await Task.WhenAll(arrivals.Select(async a =>
        {
            try
            {
                return await _fixture.Store.AcceptAsync(a, Token) == AcceptResult.Accepted;
            }
            catch (StoreFailedException)
            {
                return false;
            }
        }));

        Assert.Equal(99, outcomes.Count(o => o));
        Assert.Equal(Enumerable.Range(1, 99).Select(n => (long)n), await _fixture.LeaseAsync(1000));
        Assert.Equal((99, 99), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().Totals.LastSeq));
    }

    [Fact]
    public async Task Accept_FromManyAtOnce_SharesFlushes()
    {
        await _fixture.AcceptAsync(2000);

        Assert.InRange(_fixture.Store.Commits, 1, 1000);
    }

    [Fact]
    public async Task Trim_AfterALargeDeletion_GivesThePagesBack()
    {
        await _fixture.AcceptAsync(2000);
        await _fixture.HoldAsync([.. Enumerable.Range(1, 2000).Select(n => (long)n)]);
        _fixture.Backup = _fixture.Backup with { DeleteAfterBackup = true };

        await _fixture.Store.TrimAsync(Token);

        using var connection = new SqliteConnection($"Data Source={Path.Combine(_fixture.Folder, "journal.db")};Pooling=False");
        connection.Open();
        Assert.Equal(0, Number(connection, "SELECT count(*) FROM events"));
        Assert.Equal(0, Number(connection, "PRAGMA freelist_count"));
    }

    [Fact]
    public async Task Reopen_AfterEverything_ShowsTheSameStateAndEpoch()
    {
        await _fixture.AcceptAsync(20);
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: ["a", "b"]), Token);
        await _fixture.Store.AcceptAsync(Arrivals.New(draft: true), Token);
        await _fixture.HoldAsync(1, 2, 3, 7, 8);
        await _fixture.ParkAsync("use_case_unknown", 5);
        var before = _fixture.Store.Stats();

        await _fixture.ReopenAsync();

        var after = _fixture.Store.Stats();
        Assert.Equal(before.Epoch, after.Epoch);
        Assert.Equal(before.Totals, after.Totals);
        Assert.Equal((before.Pending, before.BackedUp, before.Parked, before.AckedThrough), (after.Pending, after.BackedUp, after.Parked, after.AckedThrough));
        Assert.Equal([4, 6, 9, 10], (await _fixture.LeaseAsync(4)).Order());
    }

    [Fact]
    public async Task States_AfterAnyMixture_AddUpToWhatWasIssued()
    {
        await _fixture.AcceptAsync(50);
        await _fixture.HoldAsync([.. Enumerable.Range(1, 10).Select(n => (long)n), 30, 32]);
        await _fixture.ParkAsync("image_refused", 11, 31);
        await _fixture.HoldAsync(11);

        var stats = _fixture.Store.Stats();

        Assert.Equal(50, stats.Pending + stats.BackedUp + stats.Parked + stats.DeclaredLost);
        Assert.Equal((11, 13, 1), (stats.AckedThrough, stats.BackedUp, stats.Parked));
        Assert.Equal("image_refused", Assert.Single(stats.ParkedReasons).Code);
    }

    [Fact]
    public async Task Lease_WhileLeased_GivesNobodyTheSameEvent()
    {
        await _fixture.AcceptAsync(10);

        var first = await _fixture.LeaseAsync(4);
        var second = await _fixture.LeaseAsync(10);
        _fixture.Store.Release(_fixture.Store.Epoch, first);
        await _fixture.HoldAsync([.. second]);

        Assert.Equal([1, 2, 3, 4], first);
        Assert.Equal([5, 6, 7, 8, 9, 10], second);
        Assert.Equal([1, 2, 3, 4], await _fixture.LeaseAsync());
    }

    [Fact]
    public async Task Lease_NewestFirst_WorksBackwards()
    {
        await _fixture.AcceptAsync(6);
        await _fixture.HoldAsync(5);

        Assert.Equal([6, 4], await _fixture.LeaseAsync(2, BackupOrder.NewestFirst));
        Assert.Equal([3, 2], await _fixture.LeaseAsync(2, BackupOrder.NewestFirst));
    }

    [Fact]
    public async Task Lease_OfLargeEvents_StopsAtTheBytes()
    {
        await _fixture.AcceptAsync(10);

        var lease = await _fixture.Store.LeaseAsync(10, maxBytes: 1, BackupOrder.OldestFirst, Token);

        Assert.Equal(1, Assert.Single(lease!.Events).Seq);
        Assert.Equal(2, (await _fixture.LeaseAsync(1)).Single());
    }

    [Fact]
    public async Task RetryParked_ByCode_MakesThoseAloneSendable()
    {
        await _fixture.AcceptAsync(4);
        await _fixture.ParkAsync("use_case_missing", 1, 3);
        await _fixture.ParkAsync("image_refused", 2);

        Assert.Equal(2, await _fixture.Store.RetryParkedAsync("use_case_missing", Token));

        Assert.Equal([1, 3, 4], await _fixture.LeaseAsync());
        Assert.Equal(1, _fixture.Store.Stats().Parked);
    }

    [Fact]
    public async Task Draft_UntilFinalized_IsNotSentAndHasNoNumber()
    {
        var draft = Arrivals.New(draft: true, pictures: "d");
        await _fixture.Store.AcceptAsync(draft, Token);
        Assert.Empty(await _fixture.LeaseAsync());
        Assert.Equal(1, _fixture.Store.Stats().Totals.Drafts);

        Assert.True(await _fixture.Store.FinalizeAsync(draft.Event.Id, Token));
        Assert.True(await _fixture.Store.FinalizeAsync(draft.Event.Id, Token));
        Assert.False(await _fixture.Store.FinalizeAsync("unknown", Token));

        Assert.Equal([1], await _fixture.LeaseAsync());
        Assert.Equal((1, 0), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().Totals.Drafts));
    }

    [Fact]
    public async Task Images_SharedByTwoEvents_AreOneFileUntilTheLastGoes()
    {
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: "same"), Token);
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: "same"), Token);
        var hash = StoredImages.Hashes(_fixture.Store.Latest(1)[0].Event.Images).Single();
        Assert.Equal(1, _fixture.Store.Stats().Totals.Images);

        _fixture.Backup = _fixture.Backup with { DeleteAfterBackup = true };
        await _fixture.HoldAsync(1);
        Assert.True(File.Exists(_fixture.Store.ImagePath(hash)));
        await _fixture.HoldAsync(2);

        Assert.False(File.Exists(_fixture.Store.ImagePath(hash)));
        Assert.Equal((0, 0, 0), (_fixture.Store.Stats().Totals.Images, _fixture.Store.Stats().Totals.Bytes, _fixture.Store.Stats().Totals.Records));
    }

    [Fact]
    public async Task ImageFile_LeftByACrash_IsSweptWhenOld()
    {
        var orphan = new NewImage(new string('a', 64), Pictures.Jpeg("orphan"));
        var file = _fixture.Store.ImagePath(orphan.Hash);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, orphan.Content, Token);
        File.SetLastWriteTimeUtc(file, _fixture.Time.GetUtcNow().UtcDateTime.AddHours(-2));

        for (var folder = 0; folder < 256; folder++)
        {
            await _fixture.Store.TrimAsync(Token);
        }

        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Reconcile_WithTheServersReceipts_MendsBothSides()
    {
        await _fixture.AcceptAsync(10);
        await _fixture.HoldAsync(1, 2, 3, 4);

        var again = await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(1, 2), new SeqRange(8, 9)], Token);

        Assert.Equal(2, again);
        Assert.Equal([3, 4, 5, 6, 7, 10], await _fixture.LeaseAsync());
        Assert.Equal(4, _fixture.Store.Stats().BackedUp);
        await _fixture.ReopenAsync();
        Assert.Equal((2, 4, 6), (_fixture.Store.Stats().AckedThrough, _fixture.Store.Stats().BackedUp, _fixture.Store.Stats().Pending));
    }

    [Fact]
    public async Task Reconcile_WhatTheServerForgotAndTheDeviceDeleted_IsDeclaredLost()
    {
        _fixture.Backup = _fixture.Backup with { DeleteAfterBackup = true };
        await _fixture.AcceptAsync(6);
        await _fixture.HoldAsync(1, 2, 3, 4);

        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(0, 2)], Token);

        var loss = Assert.Single(_fixture.Store.UnreportedLosses(10));
        Assert.Equal((3, 4, "lost_by_server"), (loss.From, loss.Through, loss.Reason));
        await _fixture.ReopenAsync();
        var stats = _fixture.Store.Stats();
        Assert.Equal((2, 2, 2), (stats.BackedUp, stats.DeclaredLost, stats.Pending));

        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(1, 4)], Token);
        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(1, 2)], Token);
        Assert.Equal((2, 2), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().DeclaredLost));
    }

    [Fact]
    public async Task BytesToSend_OfAPictureShownOftenOrSentBefore_CountWhatStillGoesUp()
    {
        var arrivals = Enumerable.Range(0, 5).Select(_ => Arrivals.New(pictures: new string('p', 10_000))).ToList();
        foreach (var arrival in arrivals)
        {
            await _fixture.Store.AcceptAsync(arrival, Token);
        }

        Assert.Equal(_fixture.Store.Stats().Totals.Bytes, BytesToSend());

        await _fixture.Store.RememberSourceAsync(arrivals[0].Images[0].Hash, "there", Token);
        Assert.Equal(arrivals.Sum(a => a.Event.OwnBytes), BytesToSend());

        await _fixture.HoldAsync(1, 2, 3, 4, 5);
        Assert.Equal(0, BytesToSend());

        long BytesToSend() => _fixture.Store.Stats().Totals.BytesToSend(Contracts.Settings.BackupImages.Both);
    }

    [Fact]
    public async Task Image_ThatCanNotBeStored_LeavesNoPieceBehind()
    {
        var arrival = Arrivals.New(pictures: "a");
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder, "images", arrival.Images[0].Hash[..2]), "in the way", Token);

        await Assert.ThrowsAnyAsync<IOException>(() => _fixture.Store.AcceptAsync(arrival, Token));

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.Folder, "images", "arriving")));
    }

    [Fact]
    public async Task Event_WhoseRowIsGone_IsDeclaredLostAndDoesNotBlock()
    {
        await _fixture.AcceptAsync(5);
        using (var damage = new SqliteConnection($"Data Source={Path.Combine(_fixture.Folder, "journal.db")};Pooling=False"))
        {
            damage.Open();
            using var command = damage.CreateCommand();
            command.CommandText = "DELETE FROM events WHERE seq IN (2, 5)";
            command.ExecuteNonQuery();
        }

        Assert.Equal([1, 3, 4], await _fixture.LeaseAsync());
        Assert.Empty(await _fixture.LeaseAsync());

        Assert.Equal([(2, 2, "damaged"), (5, 5, "damaged")], _fixture.Store.UnreportedLosses(10).Select(l => ((int)l.From, (int)l.Through, l.Reason)));
    }

    [Fact]
    public async Task Totals_AfterDeletionsOfAllKinds_EqualARecount()
    {
        for (var i = 0; i < 30; i++)
        {
            var arrival = Arrivals.New(pictures: [$"p{i % 7}", $"q{i}"]);
            await _fixture.Store.AcceptAsync(arrival, Token);
            if (i % 4 == 0)
            {
                await _fixture.Store.RememberSourceAsync(arrival.Images[i % 2].Hash, "there", Token);
            }
        }

        await _fixture.HoldAsync([.. Enumerable.Range(1, 12).Select(n => (long)n)]);
        _fixture.Limits = _fixture.Limits with { MaxRecords = 20, WhenFull = WhenFull.DropOldest };
        await _fixture.Store.TrimAsync(Token);
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: "p1"), Token);

        var totals = _fixture.Store.Stats().Totals;
        using var recount = new SqliteConnection($"Data Source={Path.Combine(_fixture.Folder, "journal.db")};Pooling=False");
        recount.Open();
        Assert.Equal(totals.Records, Number(recount, "SELECT count(*) FROM events"));
        Assert.Equal(totals.Images, Number(recount, "SELECT count(*) FROM images"));
        Assert.Equal(totals.Bytes, Number(recount, "SELECT (SELECT sum(length(body) + length(images)) FROM events) + (SELECT sum(bytes) FROM images)"));
        Assert.Equal(totals.PendingBytes, Number(recount, "SELECT sum(length(body) + length(images)) FROM events WHERE NOT EXISTS (SELECT 1 FROM held WHERE seq BETWEEN first AND last)"));
        Assert.Equal(totals.UnsentBytes, Number(recount, "SELECT sum(bytes) FROM images WHERE source_id IS NULL"));
        Assert.Equal(totals.Images, Directory.EnumerateFiles(Path.Combine(_fixture.Folder, "images"), "*", SearchOption.AllDirectories).Count());
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
