using System.Data.Common;
using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests.Events;

public sealed class EventWriterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Row_EveryField_IsReadBackThroughEf(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var sent = new VisionEvent
        {
            WorkspaceId = fixture.WorkspaceId,
            EventId = "ü-1",
            UseCaseKey = fixture.UseCaseKey,
            EventType = "quality_check",
            Timestamp = EventFixture.Noon.AddTicks(1_234_560),
            ReceivedAt = EventFixture.Noon,
            DeviceId = "d",
            StreamId = "s",
            WorkflowId = "w",
            OriginKey = fixture.FirstDevice,
            EventData = """{"result": "pass"}""",
            Images = "[]",
            DisplayImagePosition = 3,
            CustomMetadata = """{"line": 3}""",
            Comment = "it's \"fine\"",
            Extra = """{"x": null}""",
            Warnings = """[{"code": "c"}]""",
            ContentHash = [1, 2, 3],
            ExternalId = "x",
            RelatedEventId = "r",
            Feedback = "correct",
            Reviewer = "ann@acme",
            ImageCount = 2,
            Classes = """["a\u0022b"]""",
            ImageMetadata = """[{"k": 1}]""",
        };

        Assert.Equal([WriteResult.Created], await fixture.WriteAsync(new EventRow(sent, null)));

        await using var db = fixture.Database.Open();
        var read = await db.Events.AsNoTracking().SingleAsync(Cancellation);
        Assert.Equivalent(
            new
            {
                sent.WorkspaceId, sent.EventId, sent.UseCaseKey, sent.EventType, sent.Timestamp, sent.ReceivedAt, sent.DeviceId, sent.StreamId,
                sent.WorkflowId, sent.OriginKey, sent.EventData, sent.Images, sent.DisplayImagePosition, sent.CustomMetadata, sent.Comment, sent.Extra,
                sent.Warnings, sent.ContentHash, sent.ExternalId, sent.RelatedEventId, sent.Feedback, sent.Reviewer, sent.ImageCount, sent.ImageMetadata,
            },
            read);
    }

    [Theory, DatabaseData]
    public async Task Repeat_OfOtherContent_OverwritesAndKeepsKey(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", "old"));
        var key = await KeyAsync(fixture);

        Assert.Equal([WriteResult.Replaced], await fixture.WriteAsync(fixture.Row("1", "new")));

        Assert.Equal("new", (await fixture.EventsAsync())["1"].Content);
        Assert.Equal(key, await KeyAsync(fixture));
    }

    [Theory, DatabaseData]
    public async Task Repeat_OfSameContent_WritesNothing(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1"));
        var repeat = fixture.Row("1");
        repeat.Event.ReceivedAt = EventFixture.Noon.AddDays(1);

        Assert.Equal([WriteResult.Replaced], await fixture.WriteAsync(repeat));

        await using var db = fixture.Database.Open();
        Assert.Equal(EventFixture.Noon.AddSeconds(1), (await db.Events.SingleAsync(Cancellation)).ReceivedAt);
    }

    [Theory, DatabaseData]
    public async Task Device_OverEventOfAnotherOrigin_IsForeignAndGetsNoReceipt(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();
        await fixture.WriteAsync(fixture.Row("of first", "a", fixture.FirstDevice), fixture.Row("of key"));

        var results = await fixture.WriteAsync(
            fixture.Row("of first", "b", fixture.SecondDevice, new(epoch, 1)),
            fixture.Row("of first", "a", fixture.SecondDevice, new(epoch, 2)),
            fixture.Row("of key", "b", fixture.SecondDevice, new(epoch, 3)),
            fixture.Row("own", "b", fixture.SecondDevice, new(epoch, 4)));

        Assert.Equal([WriteResult.Foreign, WriteResult.Foreign, WriteResult.Foreign, WriteResult.Created], results);
        var events = await fixture.EventsAsync();
        Assert.Equal(("a", fixture.FirstDevice), events["of first"]);
        Assert.Equal(("a", (int?)null), events["of key"]);
        Assert.Equal("4-4", await fixture.HeldAsync(epoch, fixture.SecondDevice));
    }

    [Theory, DatabaseData]
    public async Task ApiKey_OverEventOfDevice_OverwritesAndKeepsOrigin(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", "a", fixture.FirstDevice));

        Assert.Equal([WriteResult.Replaced], await fixture.WriteAsync(fixture.Row("1", "b")));

        Assert.Equal(("b", fixture.FirstDevice), (await fixture.EventsAsync())["1"]);
        Assert.Equal([WriteResult.Replaced], await fixture.WriteAsync(fixture.Row("1", "c", fixture.FirstDevice)));
    }

    [Theory, DatabaseData]
    public async Task SameIdInTwoWorkspaces_DoesNotMeet(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);

        var results = await fixture.WriteAsync(fixture.Row("1"), fixture.Row("1", workspaceId: fixture.WorkspaceId + 1));

        Assert.Equal([WriteResult.Created, WriteResult.Created], results);
    }

    [Theory, DatabaseData]
    public async Task SameIdTwiceInGroup_LastWins_AllGetReceipts(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();

        var results = await fixture.WriteAsync(
            fixture.Row("1", "a", fixture.FirstDevice, new(epoch, 1)),
            fixture.Row("0", "x", fixture.FirstDevice, new(epoch, 2)),
            fixture.Row("1", "b", fixture.FirstDevice, new(epoch, 3)));

        Assert.Equal([WriteResult.Created, WriteResult.Created, WriteResult.Replaced], results);
        Assert.Equal("b", (await fixture.EventsAsync())["1"].Content);
        Assert.Equal("1-3", await fixture.HeldAsync(epoch));
    }

    [Theory, DatabaseData]
    public async Task RandomGroups_AnyMixOfOriginsAndRepeats_EqualWritingOneByOne(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var random = new Random(20261123);
        int?[] origins = [null, fixture.FirstDevice, fixture.SecondDevice];
        var model = new Dictionary<string, (string? Content, int? Origin)>();

        for (var group = 0; group < 60; group++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 20))
                .Select(_ => fixture.Row($"{random.Next(30)}", $"{random.Next(3)}", origins[random.Next(3)]))
                .ToArray();
            var expected = rows.Select(r => Apply(model, r)).ToList();

            Assert.Equal(expected, await fixture.WriteAsync(rows));
        }

        Assert.Equal(model.OrderBy(e => e.Key, StringComparer.Ordinal), (await fixture.EventsAsync()).OrderBy(e => e.Key, StringComparer.Ordinal));
    }

    [Theory, DatabaseData]
    public async Task Group_WithARowThatCanNotBeWritten_LeavesNothingAndTheNextWorks(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();
        var bad = fixture.Row("2");
        bad.Event.EventType = null!;

        await Assert.ThrowsAnyAsync<DbException>(() => fixture.WriteAsync(fixture.Stored(1, epoch), bad));

        Assert.Empty(await fixture.EventsAsync());
        Assert.Equal("", await fixture.HeldAsync(epoch));
        Assert.Equal([WriteResult.Created], await fixture.WriteAsync(fixture.Stored(1, epoch)));
    }

    [Theory, DatabaseData]
    public async Task Group_OfNothing_IsNothing(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);

        Assert.Empty(await fixture.WriteAsync());
    }

    private static WriteResult Apply(Dictionary<string, (string? Content, int? Origin)> model, EventRow row)
    {
        var (id, origin) = (row.Event.EventId, row.Event.OriginKey);
        var content = System.Text.Json.JsonDocument.Parse(row.Event.EventData!).RootElement.GetProperty("value").GetString();
        if (!model.TryGetValue(id, out var present))
        {
            model[id] = (content, origin);
            return WriteResult.Created;
        }

        if (origin is not null && origin != present.Origin)
        {
            return WriteResult.Foreign;
        }

        model[id] = (content, present.Origin);
        return WriteResult.Replaced;
    }

    private static async Task<long> KeyAsync(EventFixture fixture)
    {
        await using var db = fixture.Database.Open();
        return await db.Events.Select(e => e.Key).SingleAsync(Cancellation);
    }
}
