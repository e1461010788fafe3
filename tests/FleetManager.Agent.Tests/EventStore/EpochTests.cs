using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Tests.EventStore;

/// <summary>A store that was restored from an older copy of itself must give no number twice.</summary>
public sealed class EpochTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Reconcile_ServerHoldsWhatWasNeverSent_BeginsANewEpochAndSendsWhatTheServerHasNot()
    {
        await _fixture.AcceptAsync(10);
        await _fixture.HoldAsync(1, 2, 3, 4);
        await _fixture.ParkAsync("image_refused", 6);
        var (epoch, ids) = (_fixture.Store.Epoch, _fixture.Store.Latest(10).Select(e => e.Event.Id).Reverse().ToList());

        // In its other life it has sent up to 20, but 15 and 16.
        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(1, 5), new SeqRange(7, 14), new SeqRange(17, 20)], Token);

        Assert.NotEqual(epoch, _fixture.Store.Epoch);
        var stats = _fixture.Store.Stats();
        Assert.Equal((6, 5, 0, 1, 0), (stats.Totals.LastSeq, stats.Pending, stats.BackedUp, stats.Parked, stats.DeclaredLost));
        var lease = await _fixture.Store.LeaseAsync(100, long.MaxValue, BackupOrder.OldestFirst, Token);
        Assert.Equal([(1, ids[4]), (3, ids[6]), (4, ids[7]), (5, ids[8]), (6, ids[9])], lease!.Events.Select(e => ((int)e.Seq, e.Event.Id)));

        var former = _fixture.Store.UnreportedFormerLosses(10)!;
        Assert.Equal(epoch, former.Epoch);
        Assert.Equal([(6, 6, "renumbered"), (15, 16, "store_restored")], former.Losses.Select(l => ((int)l.From, (int)l.Through, l.Reason)));
        await _fixture.AcceptAsync(1);
        Assert.Equal(7, _fixture.Store.Stats().Totals.LastSeq);
        var after = _fixture.Store.Epoch;
        await _fixture.ReopenAsync();
        Assert.Equal((after, 7), (_fixture.Store.Epoch, _fixture.Store.Stats().Totals.LastSeq));
    }

    [Fact]
    public async Task Reconcile_ServerHoldsTheLastOne_KeepsTheEpoch()
    {
        await _fixture.AcceptAsync(3);
        var epoch = _fixture.Store.Epoch;

        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(1, 3)], Token);

        Assert.Equal((epoch, 3), (_fixture.Store.Epoch, _fixture.Store.Stats().BackedUp));
    }

    /// <summary>An answer that was under way when the epoch ended must not speak for the events that have its numbers now.</summary>
    [Fact]
    public async Task Lease_OfAFormerEpoch_SettlesAndReleasesNothing()
    {
        await _fixture.AcceptAsync(5);
        var old = (await _fixture.Store.LeaseAsync(5, long.MaxValue, BackupOrder.OldestFirst, Token))!;
        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, [], [new SeqRange(9, 9)], Token);
        var now = (await _fixture.Store.LeaseAsync(2, long.MaxValue, BackupOrder.OldestFirst, Token))!;
        Assert.NotEqual(old.Epoch, now.Epoch);

        var settlement = new Settlement(old.Epoch);
        settlement.Held.AddRange(old.Events.Select(e => e.Seq));
        await _fixture.Store.SettleAsync(settlement, Token);
        _fixture.Store.Release(old.Epoch, old.Events.Select(e => e.Seq));

        Assert.Equal((5, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().BackedUp));
        Assert.Equal([3, 4, 5], await _fixture.LeaseAsync());
    }

    [Fact]
    public async Task Open_JournalIsAnOlderCopy_BeginsANewEpoch()
    {
        await _fixture.AcceptAsync(5);
        var copy = Path.Combine(_fixture.Folder, "copy.db");
        await _fixture.ReopenAsync(() => File.Copy(Journal, copy));
        await _fixture.AcceptAsync(5);
        var epoch = _fixture.Store.Epoch;

        await _fixture.ReopenAsync(() => File.Move(copy, Journal, overwrite: true));

        Assert.NotEqual(epoch, _fixture.Store.Epoch);
        Assert.Equal((5, 5), (_fixture.Store.Stats().Totals.LastSeq, _fixture.Store.Stats().Pending));
        var former = _fixture.Store.UnreportedFormerLosses(10)!;
        Assert.Equal([(1, 5, "renumbered"), (6, 10, "store_restored")], former.Losses.Select(l => ((int)l.From, (int)l.Through, l.Reason)));
        var after = _fixture.Store.Epoch;
        await _fixture.ReopenAsync();
        Assert.Equal(after, _fixture.Store.Epoch);
    }

    [Fact]
    public async Task NewEpoch_LossesThatTheServerDoesNotKnow_AreStillToldUnderTheOld()
    {
        _fixture.Limits = _fixture.Limits with { MaxRecords = 3, WhenFull = Contracts.Settings.WhenFull.DropOldest };
        await _fixture.AcceptAsync(5);
        var epoch = _fixture.Store.Epoch;

        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(9, 9)], Token);

        Assert.Empty(_fixture.Store.UnreportedLosses(10));
        var former = _fixture.Store.UnreportedFormerLosses(10)!;
        Assert.Equal(epoch, former.Epoch);
        Assert.Contains(former.Losses, l => (l.From, l.Through, l.Reason) == (1, 2, "store_full"));
    }

    [Fact]
    public async Task NewEpoch_ImagesOfWhatStays_Stay()
    {
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: ["a"]), Token);
        await _fixture.Store.AcceptAsync(Arrivals.New(pictures: ["a", "b"]), Token);
        var before = _fixture.Store.Stats().Totals;

        await _fixture.Store.ReconcileAsync(_fixture.Store.Epoch, _fixture.Store.HeldRanges(), [new SeqRange(3, 3)], Token);

        Assert.Equal(before, _fixture.Store.Stats().Totals);
    }

    private string Journal => Path.Combine(_fixture.Folder, "journal.db");
}
