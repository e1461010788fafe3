using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>A store on a folder of its own, which can be opened again as after a crash.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StoreFixture() => Store = Open();

    public LeapingTime Time { get; } = new(DateTimeOffset.Parse("2026-01-02T03:04:05Z", System.Globalization.CultureInfo.InvariantCulture));

    public EventStoreSettings Limits { get; set; } = new() { MinFreeDiskBytes = 0 };

    public BackupSettings Backup { get; set; } = new() { Enabled = true };

    public DeviceStore Store { get; private set; }

    public string Folder => _folder.Path;

    public Task ReopenAsync() => ReopenAsync(() => { });

    /// <summary>Does something to the files while the store is closed.</summary>
    public async Task ReopenAsync(Action between)
    {
        await Store.DisposeAsync();
        between();
        Store = Open();
    }

    public async Task AcceptAsync(int count)
    {
        var results = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Store.AcceptAsync(Arrivals.New(), TestContext.Current.CancellationToken)));
        Assert.All(results, r => Assert.Equal(AcceptResult.Accepted, r));
    }

    public async Task<IReadOnlyList<long>> LeaseAsync(int limit = 100, BackupOrder order = BackupOrder.OldestFirst) =>
        (await Store.LeaseAsync(limit, long.MaxValue, order, TestContext.Current.CancellationToken))?.Events.Select(e => e.Seq).ToList() ?? [];

    public Task HoldAsync(params long[] numbers)
    {
        var settlement = new Settlement(Store.Epoch);
        settlement.Held.AddRange(numbers);
        return Store.SettleAsync(settlement, TestContext.Current.CancellationToken);
    }

    public Task ParkAsync(string code, params long[] numbers)
    {
        var settlement = new Settlement(Store.Epoch);
        settlement.Parked.AddRange(numbers.Select(n => (n, code, "because")));
        return Store.SettleAsync(settlement, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    private DeviceStore Open() => DeviceStore.Open(_folder.Path, () => new StorePolicy(Limits, Backup), NullLogger.Instance, Time);
}
