using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Tests.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Data.Tests.Rollups;

public sealed class RetentionBatchTests
{
    private static readonly DateTimeOffset s_day = RollupFixture.Day;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Delete_EventsOfTheRange_NoOtherAndNotTwice(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var other = await fixture.AddUseCaseAsync();
        await fixture.WriteAsync(
            fixture.Row("1", s_day), fixture.Row("2", s_day.AddMinutes(1)), fixture.Row("3", s_day.AddMinutes(2)), fixture.Row("4", s_day, useCaseKey: other));

        var first = await fixture.Retention.DeleteAsync(fixture.UseCaseKey, s_day, s_day.AddMinutes(2), Cancellation);
        var second = await fixture.Retention.DeleteAsync(fixture.UseCaseKey, first!.Value.Through, s_day.AddMinutes(2), Cancellation);

        Assert.Equal(new RetentionBatch(2, s_day.AddMinutes(1)), first);
        Assert.Equal(0, second!.Value.Deleted);
        Assert.Equal([new("custom", 1)], await fixture.ReadAsync(s_day, s_day.AddDays(1)));
        Assert.Equal([new("custom", 1)], await fixture.ReadAsync(s_day, s_day.AddDays(1), useCaseKey: other));
    }

    [Theory, DatabaseData]
    public async Task Delete_CountedDays_LoseTheirRollups(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day, more: e => e.DeviceId = "a"), fixture.Row("2", s_day.AddDays(1)));
        await fixture.CountAsync();

        await fixture.Retention.DeleteAsync(fixture.UseCaseKey, s_day, s_day.AddDays(1), Cancellation);
        await fixture.CountAsync();

        Assert.Equal([new($"{s_day.AddDays(1):u}custom", 1)], await fixture.HoursAsync());
        Assert.Equal([new($"{s_day.AddDays(1):u}custom", 1)], await fixture.DaysAsync());
        Assert.Empty(await fixture.FacetsAsync());
    }

    [Theory, DatabaseData]
    public async Task Delete_Failing_LeavesEventsAndNotesAsTheyWere(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day), fixture.Row("2", s_day));
        await fixture.CountAsync();

        await using (await fixture.BreakAsync("touched_hours"))
        {
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
                () => fixture.Retention.DeleteAsync(fixture.UseCaseKey, s_day, s_day.AddDays(1), Cancellation));
        }

        Assert.Equal([new("custom", 2)], await fixture.ReadAsync(s_day, s_day.AddDays(1)));
        Assert.Empty(await fixture.Hours.WaitingAsync(10, Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Delete_EventOfADeviceStore_ReceiptStays(DatabaseKind kind)
    {
        await using var events = await EventFixture.CreateAsync(kind);
        var epoch = Guid.NewGuid();
        await events.WriteAsync(events.Stored(1, epoch), events.Stored(2, epoch));

        var retention = events.Database.Services.GetRequiredService<IEventRetention>();
        await retention.DeleteAsync(events.UseCaseKey, EventFixture.Noon, EventFixture.Noon.AddDays(1), Cancellation);

        Assert.Empty(await events.EventsAsync());
        Assert.Equal("1-2", await events.HeldAsync(epoch));
    }

    [Theory, DatabaseData]
    public async Task Delete_WhileTheSameEventsAreOverwritten_NeitherWaitsForEver(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        EventRow[] Rows(int hour) => [.. Enumerable.Range(0, 200).Select(i => fixture.Row($"{i}", s_day.AddHours(hour).AddSeconds(200 - i)))];
        await fixture.WriteAsync(Rows(0));

        var writing = Task.Run(
            async () =>
            {
                for (var round = 0; round < 10; round++)
                {
                    await fixture.WriteAsync(Rows(round % 2));
                }
            },
            Cancellation);
        while (!writing.IsCompleted)
        {
            Assert.NotNull(await fixture.Retention.DeleteAsync(fixture.UseCaseKey, s_day, s_day.AddHours(2), Cancellation));
        }

        await writing;
        await fixture.CountAsync();
        await using var db = fixture.Database.Open();
        Assert.Equal(await db.Events.LongCountAsync(Cancellation), (await fixture.HoursAsync()).Values.Sum());
    }
}
