using System.Text.RegularExpressions;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Sync;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Agent.Tests.Sync;

/// <summary>G8 where the server does not refuse but breaks: what makes it fail waits by itself, and everything else flows.</summary>
public sealed partial class PoisonTests : IAsyncLifetime
{
    private readonly HashSet<long> _poison = [];
    private SyncFixture _fixture = null!;
    private volatile int _failures;
    private volatile bool _isHealed;

    public async ValueTask InitializeAsync()
    {
        _fixture = await SyncFixture.CreateAsync();
        _fixture.Server.Before = async context =>
        {
            if (_isHealed || context.Request.Path != "/vision-events/batch" || !(await NumbersAsync(context)).Any(_poison.Contains))
            {
                return false;
            }

            Interlocked.Increment(ref _failures);
            await FakeServer.ErrorAsync(context, 500, "a bug of the server");
            return true;
        };
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(100, 1)]
    [InlineData(100, 37)]
    [InlineData(100, 100)]
    [InlineData(100, 3, 4, 5, 50)]
    [InlineData(1, 2)]
    [InlineData(7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
    public async Task Events_ThatAlwaysGet500_WaitAndTheRestFlows(int batchSize, params int[] poison)
    {
        _poison.UnionWith(poison.Select(p => (long)p));
        await _fixture.ApplyAsync(Documents.Backup(1, $"\"compression\":\"never\",\"batchSize\":{batchSize}"));
        await _fixture.AcceptAsync(150);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().BackedUp == 150 - poison.Length, "the rest is held", whileBusy: false);

        Assert.Equal((poison.Length, 0, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().Parked, _fixture.Store.Stats().DeclaredLost));
        Assert.Equal(("http_500", "a bug of the server"), (_fixture.Status.Snapshot().LastError!.Code, _fixture.Status.Snapshot().LastError!.Message));

        // What comes later does not wait for them.
        await _fixture.AcceptAsync(20);
        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().BackedUp == 170 - poison.Length, "later ones are held", whileBusy: false);

        _isHealed = true;
        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained", whileBusy: false);
        Assert.Equal(Enumerable.Range(1, 170).Select(n => (long)n), _fixture.Server.HeldNumbers(_fixture.Store.Epoch));
    }

    [Fact]
    public async Task Server_ThatIsBroken_IsAskedSeldomAndNothingIsGivenUp()
    {
        _poison.UnionWith(Enumerable.Range(1, 1000).Select(n => (long)n));
        await _fixture.ApplyAsync(Documents.Backup(1, "\"compression\":\"never\",\"concurrency\":1"));
        await _fixture.AcceptAsync(500);
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Backoff, "backoff");

        var step = 0;
        await Eventually.TrueAsync(
            () =>
            {
                _fixture.Time.Advance(TimeSpan.FromSeconds(30));
                return ++step == 200;
            },
            "100 minutes later");

        // Early tries come soon after each other, later ones 2.5 minutes apart in the mean, each of at most a dozen requests.
        Assert.InRange(_failures, 2, 1000);
        Assert.Equal((500, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().Parked));
        _isHealed = true;
        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained", whileBusy: false);
    }

    [Fact]
    public async Task Image_ThatAlwaysGets500_HoldsUpItsEventsOnly()
    {
        _fixture.Server.Before = async context =>
        {
            if (_isHealed || context.Request.Path != "/vision-events/upload" || context.Request.ContentLength < 500)
            {
                return false;
            }

            await FakeServer.ErrorAsync(context, 500, "a bug of the server");
            return true;
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(2, pictures: new string('x', 600));
        await _fixture.AcceptAsync(3, pictures: "small");
        await _fixture.AcceptAsync(5);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().BackedUp == 8, "the rest is held", whileBusy: false);
        Assert.Equal((2, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().Parked));

        _isHealed = true;
        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained", whileBusy: false);
    }

    // Of bodies that are not packed: the settings of these tests see to it.
    private static async Task<IReadOnlyList<long>> NumbersAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync();
        context.Request.Body.Position = 0;
        return [.. Seq().Matches(body).Select(m => long.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex("\"seq\":(\\d+)")]
    private static partial Regex Seq();
}
