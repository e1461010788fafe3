using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Tests.EventStore;

/// <summary>Promise G6: the store never fills the disk, starts on a full one, cleans up on it, and works again once there is room.</summary>
public sealed class FullDiskTests
{
    private readonly LeapingTime _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private BackupSettings _backup = new() { Enabled = true };
    private int _pictures;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("size=24m,nr_inodes=2000", 100_000)]
    [InlineData("size=24m,nr_inodes=2000", 10_000)]
    [InlineData("size=64m,nr_inodes=400", 10)]
    public async Task Volume_Full_RefusesStartsCleansUpAndGoesOn(string options, int pictureBytes)
    {
        using var volume = SmallVolume.Mount(options);
        var folder = Path.Combine(volume.Path, "store");
        var store = Open(folder);
        await store.TrimAsync(Token);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(folder, "reserve")).Length);

        // Its own events stop before the volume is full.
        var accepted = 0;
        while (await AcceptAsync(store, pictureBytes) == AcceptResult.Accepted)
        {
            accepted++;
        }

        Assert.True(accepted > 100, $"only {accepted}");
        Assert.True(store.Stats().CapacityBlocked);
        Assert.True(volume.Free >= 8 * 1024 * 1024 - 200_000 || pictureBytes == 10, $"{volume.Free} bytes are left");

        // Something else takes the rest, to the last byte and the last file.
        volume.FillBytes();
        volume.FillFiles();
        Assert.Equal(AcceptResult.Full, await AcceptAsync(store, pictureBytes));
        await store.DisposeAsync();
        volume.FillBytes();
        volume.FillFiles();
        store = Open(folder);
        Assert.Equal((accepted, accepted), (store.Stats().Totals.LastSeq, store.Stats().Pending));
        Assert.Equal(AcceptResult.Full, await AcceptAsync(store, pictureBytes));

        // The server takes it all: that is written down and deleted, on the full disk.
        _backup = _backup with { DeleteAfterBackup = true };
        while (await store.LeaseAsync(100, long.MaxValue, BackupOrder.OldestFirst, Token) is { } lease)
        {
            var settlement = new Settlement(store.Epoch);
            settlement.Held.AddRange(lease.Events.Select(e => e.Seq));
            await store.SettleAsync(settlement, Token);
        }

        await store.TrimAsync(Token);
        Assert.Equal((0, accepted), (store.Stats().Totals.Records, store.Stats().BackedUp));

        volume.Clear();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(AcceptResult.Accepted, await AcceptAsync(store, pictureBytes));
        await store.TrimAsync(Token);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(folder, "reserve")).Length);
        Assert.Equal(0, store.Stats().DeclaredLost);
        Assert.Empty(StoreCheck.Run(folder, _time, Token).Findings);
        await store.DisposeAsync();
    }

    private Task<AcceptResult> AcceptAsync(DeviceStore store, int pictureBytes)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return store.AcceptAsync(Arrivals.New(pictures: pictureBytes == 0 ? [] : [$"{_pictures++}".PadRight(pictureBytes)]), Token);
    }

    private DeviceStore Open(string folder) =>
        DeviceStore.Open(folder, () => new StorePolicy(new EventStoreSettings { MinFreeDiskBytes = 0 }, _backup), NullLogger.Instance, _time);
}
