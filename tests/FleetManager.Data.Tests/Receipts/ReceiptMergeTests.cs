using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Tests.Events;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests.Receipts;

public sealed class ReceiptMergeTests
{
    [Theory, DatabaseData]
    public async Task Numbers_InAnyOrder_BecomeRunsThatDoNotTouch(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();

        await SendAsync(fixture, epoch, 5, 1, 2);
        Assert.Equal("1-2 5-5", await fixture.HeldAsync(epoch));

        await SendAsync(fixture, epoch, 9, 6, 4);
        Assert.Equal("1-2 4-6 9-9", await fixture.HeldAsync(epoch));

        await SendAsync(fixture, epoch, 3, 8, 7);
        Assert.Equal("1-9", await fixture.HeldAsync(epoch));
    }

    [Theory, DatabaseData]
    public async Task Numbers_SentAgain_ChangeNothing(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();
        for (var i = 0; i < 2; i++)
        {
            await fixture.WriteAsync([.. Enumerable.Range(1, 50).Select(n => fixture.Stored(n, epoch))]);
            Assert.Equal("1-50", await fixture.HeldAsync(epoch));
        }
    }

    [Theory, DatabaseData]
    public async Task Stores_OfTwoDevicesInOneGroup_AreKeptApart(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var (one, two, three) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        await fixture.WriteAsync(
            fixture.Stored(1, one),
            fixture.Stored(2, two),
            fixture.Stored(7, three, fixture.SecondDevice),
            fixture.Stored(2, one));

        Assert.Equal("1-2", await fixture.HeldAsync(one));
        Assert.Equal("2-2", await fixture.HeldAsync(two));
        Assert.Equal("7-7", await fixture.HeldAsync(three, fixture.SecondDevice));
        Assert.Equal("", await fixture.HeldAsync(three));
    }

    [Theory, DatabaseData]
    public async Task Numbers_OfAnApiKey_AreNotReceipts(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();

        await fixture.WriteAsync(fixture.Row("1", store: new(epoch, 1)));

        await using var db = fixture.Database.Open();
        Assert.False(await db.DeviceStores.AnyAsync(TestContext.Current.CancellationToken));
    }

    [Theory, DatabaseData]
    public async Task ManyWritersAtOnce_OnTheSameStores_LoseNoNumberAndDoNotDeadlock(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        Guid[] epochs = [Guid.NewGuid(), Guid.NewGuid()];
        var random = new Random(7);
        // Each number of each store goes out twice, shuffled, so that writers meet on the same ids and the same runs.
        var all = Enumerable.Range(1, 400).Concat(Enumerable.Range(1, 400)).SelectMany(n => epochs.Select(e => fixture.Stored(n, e))).ToArray();
        random.Shuffle(all);

        await Parallel.ForEachAsync(
            all.Chunk(40),
            new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = TestContext.Current.CancellationToken },
            async (rows, _) => await fixture.WriteAsync(rows));

        Assert.Equal("1-400", await fixture.HeldAsync(epochs[0]));
        Assert.Equal("1-400", await fixture.HeldAsync(epochs[1]));
        Assert.Equal(800, (await fixture.EventsAsync()).Count);
    }

    private static async Task SendAsync(EventFixture fixture, Guid epoch, params int[] numbers) =>
        await fixture.WriteAsync([.. numbers.Select(n => fixture.Stored(n, epoch))]);
}
