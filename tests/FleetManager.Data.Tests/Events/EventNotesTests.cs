using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests.Events;

/// <summary>What a write notes beside its events: hours to count anew, and metadata fields.</summary>
public sealed class EventNotesTests
{
    private static readonly DateTimeOffset s_hour = EventFixture.Noon;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Write_NewEvents_TouchesEachHourOnce(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);

        await fixture.WriteAsync(
            At(fixture.Row("1"), s_hour.AddMinutes(59)), At(fixture.Row("2"), s_hour), At(fixture.Row("3"), s_hour.AddHours(2).AddSeconds(-1)));

        Assert.Equal([s_hour, s_hour.AddHours(1)], await TakeTouchedAsync(fixture));
    }

    [Theory, DatabaseData]
    public async Task Write_IdenticalRepeat_TouchesNothing(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1"));
        await TakeTouchedAsync(fixture);

        await fixture.WriteAsync(fixture.Row("1"));

        Assert.Empty(await TakeTouchedAsync(fixture));
    }

    [Theory, DatabaseData]
    public async Task Write_OverwriteThatMovesAnEvent_TouchesBothHours(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(At(fixture.Row("1"), s_hour));
        await TakeTouchedAsync(fixture);

        await fixture.WriteAsync(At(fixture.Row("1", "other"), s_hour.AddHours(5)));

        Assert.Equal([s_hour, s_hour.AddHours(5)], await TakeTouchedAsync(fixture));
    }

    [Theory, DatabaseData]
    public async Task Write_OfWhatAnotherOriginOwns_TouchesNothing(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1"));
        await TakeTouchedAsync(fixture);

        Assert.Equal([WriteResult.Foreign], await fixture.WriteAsync(fixture.Row("1", "other", fixture.FirstDevice)));

        Assert.Empty(await TakeTouchedAsync(fixture));
    }

    [Theory, DatabaseData]
    public async Task Write_FieldsOfSeveralDays_KeepTheNewest(DatabaseKind kind)
    {
        await using var fixture = await EventFixture.CreateAsync(kind);
        var day = s_hour.AddHours(-12);

        await fixture.WriteAsync(
            fixture.Row("1") with { Fields = [Field(fixture, "line", day)] },
            fixture.Row("2") with { Fields = [Field(fixture, "line", day.AddDays(2)), Field(fixture, "shift", day)] });
        await fixture.WriteAsync(fixture.Row("3") with { Fields = [Field(fixture, "line", day.AddDays(1))] });

        await using var db = fixture.Database.Open();
        var fields = await db.MetadataFields.OrderBy(f => f.Name).Select(f => new { f.Name, f.LastSeen }).ToListAsync(Cancellation);
        Assert.Equal([new { Name = "line", LastSeen = day.AddDays(2) }, new { Name = "shift", LastSeen = day }], fields);
    }

    private static EventRow At(EventRow row, DateTimeOffset at)
    {
        var moved = row.Event;
        return row with
        {
            Event = new VisionEvent
            {
                WorkspaceId = moved.WorkspaceId,
                EventId = moved.EventId,
                UseCaseKey = moved.UseCaseKey,
                EventType = moved.EventType,
                Timestamp = at,
                ReceivedAt = moved.ReceivedAt,
                EventData = moved.EventData,
                ContentHash = moved.ContentHash,
            },
        };
    }

    private static MetadataField Field(EventFixture fixture, string name, DateTimeOffset day) =>
        new() { UseCaseKey = fixture.UseCaseKey, OfImage = false, Name = name, Type = MetadataType.Text, LastSeen = day };

    private static async Task<List<DateTimeOffset>> TakeTouchedAsync(EventFixture fixture)
    {
        await using var db = fixture.Database.Open();
        var hours = await db.TouchedHours.Where(t => t.UseCaseKey == fixture.UseCaseKey).Select(t => t.Hour).ToListAsync(Cancellation);
        await db.TouchedHours.ExecuteDeleteAsync(Cancellation);
        return [.. hours.Order()];
    }
}
