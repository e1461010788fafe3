using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Tests.EventStore;

public sealed class CapacityTests : IAsyncLifetime
{
    private const int PictureBytes = 8_000_000;
    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task FullOfPending_Refuse_TakesNothingUntilSomethingIsHeld()
    {
        _fixture.Limits = _fixture.Limits with { MaxRecords = 3 };
        await _fixture.AcceptAsync(3);

        Assert.Equal(AcceptResult.Full, await AcceptAsync());
        Assert.True(_fixture.Store.Stats().CapacityBlocked);

        await _fixture.HoldAsync(1);
        Assert.False(_fixture.Store.Stats().CapacityBlocked);
        Assert.Equal(AcceptResult.Accepted, await AcceptAsync());
        Assert.Equal((3, 2, 4, 0), Counts());
    }

    [Fact]
    public async Task FullOfPending_DropOldest_DeclaresTheOldestLostInOneRun()
    {
        _fixture.Limits = _fixture.Limits with { MaxRecords = 3, WhenFull = WhenFull.DropOldest };
        await _fixture.AcceptAsync(8);

        var loss = Assert.Single(_fixture.Store.UnreportedLosses(10));
        Assert.Equal((1, 5, "store_full"), (loss.From, loss.Through, loss.Reason));
        Assert.Equal((3, 6, 8, 5), Counts());

        await _fixture.Store.MarkReportedAsync(new LossReport(_fixture.Store.Epoch, [loss]), Token);
        Assert.Empty(_fixture.Store.UnreportedLosses(10));
        await AcceptAsync();
        Assert.Equal((1, 6), _fixture.Store.UnreportedLosses(10).Select(l => (l.From, l.Through)).Single());
    }

    [Fact]
    public async Task FullOfPending_DropOldest_SparesWhatASenderHas()
    {
        _fixture.Limits = _fixture.Limits with { MaxRecords = 3, WhenFull = WhenFull.DropOldest };
        await _fixture.AcceptAsync(3);
        await _fixture.LeaseAsync(2);

        await AcceptAsync();

        Assert.Equal((3, 3), _fixture.Store.UnreportedLosses(10).Select(l => (l.From, l.Through)).Single());
    }

    [Fact]
    public async Task FullWithBackupOff_IsARingWhoseDropsAreDeclared()
    {
        _fixture.Backup = new BackupSettings();
        _fixture.Limits = _fixture.Limits with { MaxRecords = 3 };

        await _fixture.AcceptAsync(5);

        Assert.Equal((3, 3, 5, 2), Counts());
    }

    [Fact]
    public async Task MaxBytes_CountsImagesAndRefusesWhatCanNeverFit()
    {
        _fixture.Limits = _fixture.Limits with { MaxBytes = 2000, WhenFull = WhenFull.DropOldest };
        await _fixture.AcceptAsync(3);

        Assert.Equal(AcceptResult.Full, await _fixture.Store.AcceptAsync(Arrivals.New(pictures: new string('x', 3000)), Token));

        Assert.Equal((3, 1, 3, 0), Counts());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.Folder, "images"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task MinFreeDisk_NotLeft_RefusesAndNeverDropsTheBacklog()
    {
        _fixture.Limits = _fixture.Limits with { WhenFull = WhenFull.DropOldest };
        await _fixture.AcceptAsync(3);
        _fixture.Limits = _fixture.Limits with { MinFreeDiskBytes = 1L << 50 };

        Assert.Equal(AcceptResult.Full, await AcceptAsync());

        Assert.Equal((3, 1, 3, 0), Counts());
    }

    [Fact]
    public async Task Full_ImagesThatWereNeverThere_AreRefusedLikeAnyOther()
    {
        _fixture.Limits = _fixture.Limits with { MinFreeDiskBytes = 1L << 50 };

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(AcceptResult.Full, await _fixture.Store.AcceptAsync(Arrivals.New(pictures: $"picture {i}"), Token));
        }
    }

    [Fact]
    public async Task MinFreeDisk_InABurst_IsCountedWithoutAskingTheSystemAgain()
    {
        LeaveRoomForFivePictures();
        var results = new List<AcceptResult>();
        for (var i = 0; i < 10; i++)
        {
            results.Add(await _fixture.Store.AcceptAsync(Arrivals.New(pictures: Picture('p')), Token));
        }

        Assert.Contains(AcceptResult.Full, results);
    }

    [Fact]
    public async Task MinFreeDisk_Reached_WhatTheServerHoldsMakesRoomAtOnce()
    {
        LeaveRoomForFivePictures();
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(AcceptResult.Accepted, await _fixture.Store.AcceptAsync(Arrivals.New(pictures: Picture((char)('a' + i))), Token));
            await _fixture.HoldAsync(i);
        }

        Assert.Equal((10, 0), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().DeclaredLost));
    }

    [Fact]
    public void MinFreeDisk_Zero_StillLeavesRoomToWriteDownWhatIsHeld() =>
        Assert.True(new StorePolicy(_fixture.Limits with { MinFreeDiskBytes = 0 }, _fixture.Backup).FreeDiskToLeave > 4 * 1024 * 1024);

    [Fact]
    public async Task CapLoweredBelowUse_DoesNotTouchTheBacklog()
    {
        await _fixture.AcceptAsync(10);
        _fixture.Limits = _fixture.Limits with { MaxRecords = 2 };

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal((10, 1, 10, 0), Counts());
        Assert.Equal(AcceptResult.Full, await AcceptAsync());
    }

    [Fact]
    public async Task Retention_WithBackup_DeletesOnlyWhatTheServerHolds()
    {
        await _fixture.AcceptAsync(4);
        await _fixture.HoldAsync(1, 2);
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        await _fixture.AcceptAsync(1);

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal((3, 3, 5, 0), Counts());
        Assert.Equal(2, _fixture.Store.Stats().BackedUp);
    }

    [Fact]
    public async Task Retention_WithoutBackup_DeclaresWhatExpired()
    {
        _fixture.Backup = new BackupSettings();
        await _fixture.AcceptAsync(700);
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        await _fixture.AcceptAsync(1);

        await _fixture.Store.TrimAsync(Token);

        var loss = Assert.Single(_fixture.Store.UnreportedLosses(10));
        Assert.Equal((1, 700, "expired"), (loss.From, loss.Through, loss.Reason));
        Assert.Equal((1, 701, 701, 700), Counts());
    }

    [Fact]
    public async Task RetentionZero_KeepsForEver()
    {
        _fixture.Limits = _fixture.Limits with { RetentionDays = 0 };
        await _fixture.AcceptAsync(2);
        await _fixture.HoldAsync(1);
        _fixture.Time.Advance(TimeSpan.FromDays(4000));

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal(2, _fixture.Store.Stats().Totals.Records);
    }

    private static string Picture(char letter) => new(letter, PictureBytes);

    // The fixture's clock stands still, so the operating system is asked once.
    private void LeaveRoomForFivePictures() =>
        _fixture.Limits = _fixture.Limits with { MinFreeDiskBytes = new DriveInfo(_fixture.Folder).AvailableFreeSpace - (5L * PictureBytes) };

    private Task<AcceptResult> AcceptAsync() => _fixture.Store.AcceptAsync(Arrivals.New(), Token);

    private (long Records, long First, long Last, long Lost) Counts()
    {
        var stats = _fixture.Store.Stats();
        return (stats.Totals.Records, stats.FirstSeq, stats.Totals.LastSeq, stats.DeclaredLost);
    }
}
