using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests.Events;

/// <summary>Groups so large that PostgreSQL copies them: they must say what small ones say.</summary>
public sealed class LargeGroupTests
{
    private const int Rows = 1_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Write_NewRepeatedChangedAndForeign_EachGetsItsResult(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("same"), fixture.Row("changed", "old"), fixture.Row("owned"));

        EventRow[] rows =
        [
            fixture.Row("same"), fixture.Row("changed", "new"), fixture.Row("owned", "taken", fixture.FirstDevice),
            .. Enumerable.Range(0, Rows).Select(i => fixture.Row($"n{i:d4}")), fixture.Row("n0000", "later"),
        ];
        var results = await fixture.WriteAsync(rows);

        Assert.Equal([WriteResult.Replaced, WriteResult.Replaced, WriteResult.Foreign], results.Take(3));
        Assert.All(results.Skip(3).Take(Rows), r => Assert.Equal(WriteResult.Created, r));
        Assert.Equal(WriteResult.Replaced, results[^1]);
        var events = await fixture.EventsAsync();
        Assert.Equal(Rows + 3, events.Count);
        Assert.Equal(("new", "a", "later"), (events["changed"].Content, events["owned"].Content, events["n0000"].Content));
    }

    [Theory, DatabaseData]
    public async Task Write_OfADevicesStore_IsHeldAndTouchesItsHours(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.CreateVersion7();

        await fixture.WriteAsync([.. Enumerable.Range(1, Rows).Select(i => fixture.Stored(i, epoch))]);

        Assert.Equal($"1-{Rows}", await fixture.HeldAsync(epoch));
        await using var db = fixture.Database.Open();
        Assert.Equal(EventFixture.Noon, Assert.Single(await db.TouchedHours.Select(t => t.Hour).Distinct().ToListAsync(Cancellation)));
    }

    [Theory, DatabaseData]
    public async Task Write_TheSameGroupTwiceAtOnce_StoresEachEventOnce(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        EventRow[] rows = [.. Enumerable.Range(0, Rows).Select(i => fixture.Row($"n{i:d4}"))];

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => fixture.WriteAsync(rows), Cancellation)));

        Assert.Equal(Rows, results.Sum(r => r.Count(x => x == WriteResult.Created)));
        Assert.Equal(Rows, (await fixture.EventsAsync()).Count);
    }
}
