using System.Text.Json;
using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Sync;

/// <summary>A store that was restored from an older copy must not give out numbers that the server holds for other events.</summary>
public sealed class EpochTests : IAsyncLifetime
{
    private SyncFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SyncFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Receipts_BeyondTheLastNumber_BeginANewEpochAndEveryEventStillArrives()
    {
        var old = _fixture.Store.Epoch;
        await _fixture.AcceptAsync(3);
        for (var seq = 1; seq <= 5; seq++)
        {
            _fixture.Server.Events[$"earlier-{seq}"] = JsonDocument.Parse($$$"""{"eventId":"earlier-{{{seq}}}","store":{"epoch":"{{{old}}}","seq":{{{seq}}}}}""").RootElement.Clone();
        }

        await _fixture.ApplyAsync(Documents.Backup(1));
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Store.Stats().BackedUp == 3, $"held {_fixture.Store.Stats()}");
        await _fixture.AcceptAsync(2);
        await Eventually.TrueAsync(() => _fixture.Store.Stats().BackedUp == 5, $"held {_fixture.Store.Stats()}");

        Assert.NotEqual(old, _fixture.Store.Epoch);
        Assert.Equal([1, 2, 3, 4, 5], _fixture.Server.HeldNumbers(_fixture.Store.Epoch));
        Assert.Equal(10, _fixture.Server.Events.Count);
        Assert.Equal((5, 0, 0), (_fixture.Store.Stats().AckedThrough, _fixture.Store.Stats().Pending, _fixture.Store.Stats().Totals.PendingBytes));
    }

    [Fact]
    public async Task Verification_TellsWhereTheTwoSidesDiffer()
    {
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(10);
        _fixture.Start();
        await _fixture.DrainedAsync();
        Assert.True((await CompareAsync()).Holds);

        _fixture.Server.Events.TryRemove(_fixture.Server.Events.Single(e => e.Value.GetProperty("store").GetProperty("seq").GetInt64() == 4));
        var missing = await CompareAsync();
        Assert.False(missing.Holds);
        Assert.Contains("1 events acknowledged, but the server does not hold them", Assert.Single(missing.Findings).Text, StringComparison.Ordinal);

        var older = await CompareAsync(lastSeq: 8);
        Assert.Contains(older.Findings, f => f.IsFault && f.Text.Contains("9–10", StringComparison.Ordinal));

        _fixture.Server.Before = async context =>
        {
            await FakeServer.ErrorAsync(context, 503, "busy");
            return true;
        };
        Assert.Equal((false, "busy"), ((await CompareAsync()).Holds, (await CompareAsync()).Unreachable));
    }

    private Task<ServerVerdict> CompareAsync(long? lastSeq = null) => new ServerVerification(_fixture.Http, _fixture.Time).CompareAsync(
        _fixture.Store.Epoch, lastSeq ?? _fixture.Store.Progress().LastSeq, _fixture.Store.HeldRanges(), [], TestContext.Current.CancellationToken);
}
