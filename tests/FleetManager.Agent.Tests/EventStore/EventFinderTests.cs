using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.EventStore;

public sealed class EventFinderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Search_ThroughMoreThanItMayLookAt_SaysWhereToGoOn()
    {
        await using var fixture = new StoreFixture();
        await fixture.AcceptAsync(1);
        await fixture.Store.DisposeAsync();
        await using (var journal = new SqliteConnection($"Data Source={Path.Combine(fixture.Folder, "journal.db")};Pooling=false"))
        {
            await journal.OpenAsync(Token);
            await using var skip = journal.CreateCommand();
            skip.CommandText = "UPDATE store SET last_seq = 150000";
            await skip.ExecuteNonQueryAsync(Token);
        }

        await fixture.ReopenAsync();
        await fixture.AcceptAsync(1);
        var filter = new EventFilter(Solution: "line");

        var first = fixture.Store.Find(filter, long.MaxValue, 10, Token);
        Assert.Equal((150_001L, 50_002L), (Assert.Single(first.Events).Event.Seq, first.Next));

        var second = fixture.Store.Find(filter, first.Next!.Value, 10, Token);
        Assert.Equal((1L, null), (Assert.Single(second.Events).Event.Seq, second.Next));
        Assert.Equal(2, fixture.Store.Count(filter, Token));
    }

    [Fact]
    public async Task Count_ByStatus_TakesRowsOnly()
    {
        await using var fixture = new StoreFixture();
        await fixture.AcceptAsync(10);
        await fixture.HoldAsync(1, 2, 3, 4);
        await fixture.ParkAsync("a", 5, 7);
        await fixture.Store.DeleteAsync(fixture.Store.Latest(10)[^1].Event.Id, Token);

        Assert.Equal((3, 2, 4, 9), (Count(EventStatus.BackedUp), Count(EventStatus.Parked), Count(EventStatus.Pending), Count(null)));
        foreach (EventStatus? status in new EventStatus?[] { EventStatus.BackedUp, EventStatus.Parked, EventStatus.Pending, null })
        {
            // With another filter it has to look.
            Assert.Equal(Count(status), fixture.Store.Count(new EventFilter(Solution: "line", Status: status), Token));
        }

        long Count(EventStatus? status) => fixture.Store.Count(new EventFilter(Status: status), Token);
    }
}
