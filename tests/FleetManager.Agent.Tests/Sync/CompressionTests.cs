using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Sync;

public sealed class CompressionTests : IAsyncLifetime
{
    private SyncFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SyncFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("\"compression\":\"always\"", 3)]
    [InlineData("\"compression\":\"never\",\"maxBytesPerSecond\":1000000", 0)]
    [InlineData("\"maxBytesPerSecond\":1000000", 3)]
    public async Task Batches_BySetting_ComePackedOrNot(string setting, int packed)
    {
        await _fixture.ApplyAsync(Documents.Backup(1, setting));
        await _fixture.AcceptAsync(300);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        Assert.Equal((300, packed), (_fixture.Server.Events.Count, _fixture.Server.Packed));
    }

    [Fact]
    public void SlowLink_IsPackedFor_AndLookedAtAgain()
    {
        var link = new LinkSpeed();
        Assert.False(link.ShouldPack(80_000, cap: 0));

        link.Observe(80_000, TimeSpan.FromSeconds(1));
        Assert.True(link.ShouldPack(80_000, cap: 0));
        Assert.False(link.ShouldPack(1_000, cap: 0));
        Assert.Contains(false, Enumerable.Range(0, 40).Select(_ => link.ShouldPack(80_000, cap: 0)));

        link.Observe(80_000, TimeSpan.FromMilliseconds(2));
        Assert.False(link.ShouldPack(80_000, cap: 0));

        // One slow answer of a busy server is not the link; many are.
        link.Observe(80_000, TimeSpan.FromSeconds(1));
        Assert.False(link.ShouldPack(80_000, cap: 0));
        for (var i = 0; i < 40; i++)
        {
            link.Observe(20_000, TimeSpan.FromSeconds(1));
        }

        Assert.True(link.ShouldPack(80_000, cap: 0));
    }
}
