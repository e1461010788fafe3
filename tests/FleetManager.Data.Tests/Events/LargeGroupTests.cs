using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>After a restart a server remembers nothing of what it wrote; nor does it know what another server writes.</summary>
    [Theory, DatabaseData]
    public async Task Write_ByAnotherWriter_KnowsWhatIsThereAndGoesOn(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(Group("a"));
        await using var restarted = fixture.Database.AddTo(new ServiceCollection()).BuildServiceProvider();
        var writer = restarted.GetRequiredService<IEventWriter>();

        var again = await writer.WriteAsync([.. Group("a"), .. Group("b")], Cancellation);
        var later = await writer.WriteAsync([.. Group("a"), .. Group("c")], Cancellation);

        Assert.All((WriteResult[])[.. again.Take(Rows), .. later.Take(Rows)], r => Assert.Equal(WriteResult.Replaced, r));
        Assert.All((WriteResult[])[.. again.Skip(Rows), .. later.Skip(Rows)], r => Assert.Equal(WriteResult.Created, r));
        Assert.Equal(3 * Rows, (await fixture.EventsAsync()).Count);

        EventRow[] Group(string prefix) => [.. Enumerable.Range(0, Rows).Select(i => fixture.Row($"{prefix}{i:d4}"))];
    }

    /// <summary>Every column, full and empty, long and in many scripts, comes out as it comes out of a group that is not copied.</summary>
    [Theory, DatabaseData]
    public async Task Write_EveryColumn_SaysWhatASmallGroupSays(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(Full("small"), Empty("small-empty"));

        await fixture.WriteAsync([Full("large"), Empty("large-empty"), .. Enumerable.Range(0, Rows).Select(i => fixture.Row($"n{i:d4}"))]);

        await using var db = fixture.Database.Open();
        string[] ids = ["small", "small-empty", "large", "large-empty"];
        var events = await db.Events.AsNoTracking().Where(e => ids.Contains(e.EventId)).ToDictionaryAsync(e => e.EventId, Cancellation);
        Assert.Equivalent(As("x", events["small"]), As("x", events["large"]), strict: true);
        Assert.Equivalent(As("x", events["small-empty"]), As("x", events["large-empty"]), strict: true);
        Assert.Contains("grün 検査 🚚", events["large"].Comment, StringComparison.Ordinal);

        EventRow Empty(string id) => fixture.Row(id);

        EventRow Full(string id) => fixture.Row(id) with
        {
            Event = new VisionEvent
            {
                WorkspaceId = fixture.WorkspaceId,
                EventId = id,
                UseCaseKey = fixture.UseCaseKey,
                EventType = "quality_check",
                Timestamp = EventFixture.Noon.AddTicks(1230),
                ReceivedAt = EventFixture.Noon.AddYears(-30),
                DeviceId = "d0",
                StreamId = "s",
                WorkflowId = "w",
                OriginKey = fixture.FirstDevice,
                EventData = """{"result": "pass"}""",
                Images = """[{"sourceId": "a"}]""",
                DisplayImagePosition = 0,
                CustomMetadata = $$"""{"long": "{{new string('ü', 200_000)}}"}""",
                Comment = "grün 検査 🚚 " + new string('c', 70_000),
                Extra = """{"more": [1, 2.5, null]}""",
                Warnings = """[{"code": "x"}]""",
                ContentHash = [0, 255, 10, 13],
                ExternalId = "",
                RelatedEventId = "r",
                Feedback = "correct",
                Reviewer = "someone",
                ImageCount = int.MaxValue,
                Classes = """["truck"]""",
                ImageMetadata = """[{"lens": 3}]""",
            },
        };

        static VisionEvent As(string id, VisionEvent row)
        {
            (row.Key, row.EventId) = (0, id);
            return row;
        }
    }
}
