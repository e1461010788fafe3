using System.Data.Common;
using FleetManager.Contracts.Events;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests.Rollups;

public sealed class HourRollupTests
{
    private static readonly DateTimeOffset s_day = RollupFixture.Day;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Count_NewEvents_HoursAndDaysByType(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(
            fixture.Row("1", s_day),
            fixture.Row("2", s_day.AddHours(1).AddTicks(-10)),
            fixture.Row("3", s_day.AddHours(1), EventTypes.QualityCheck),
            fixture.Row("4", s_day.AddHours(24)));

        await fixture.CountAsync();

        Assert.Equal(
            [new($"{s_day:u}custom", 2), new($"{s_day.AddHours(1):u}quality_check", 1), new($"{s_day.AddHours(24):u}custom", 1)],
            await fixture.HoursAsync());
        Assert.Equal(
            [new($"{s_day:u}custom", 2), new($"{s_day:u}quality_check", 1), new($"{s_day.AddHours(24):u}custom", 1)],
            await fixture.DaysAsync());
    }

    [Theory, DatabaseData]
    public async Task Count_OverwriteThatMovesAnEvent_BothPlacesAreTrue(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var other = await fixture.AddUseCaseAsync();
        await fixture.WriteAsync(fixture.Row("1", s_day));
        await fixture.CountAsync();

        await fixture.WriteAsync(fixture.Row("1", s_day.AddHours(30), EventTypes.SafetyAlert, other));
        Assert.Empty(await fixture.ReadAsync(s_day, s_day.AddDays(3)));
        Assert.Equal([new("safety_alert", 1)], await fixture.ReadAsync(s_day, s_day.AddDays(3), useCaseKey: other));
        await fixture.CountAsync();

        Assert.Empty(await fixture.HoursAsync());
        Assert.Empty(await fixture.DaysAsync());
        Assert.Equal([new($"{s_day.AddHours(30):u}safety_alert", 1)], await fixture.HoursAsync(other));
    }

    [Theory, DatabaseData]
    public async Task Count_RepeatsAndLateEvents_AreCountedOnce(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var row = fixture.Row("1", s_day);
        await fixture.WriteAsync(row);
        await fixture.CountAsync();

        await fixture.WriteAsync(row);
        await fixture.WriteAsync(fixture.Row("late", s_day.AddMinutes(59)));
        await fixture.CountAsync();

        Assert.Equal([new($"{s_day:u}custom", 2)], await fixture.HoursAsync());
    }

    [Theory, DatabaseData]
    public async Task Count_HourThatNobodyNoted_IsLeftAlone(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day));
        await fixture.CountAsync();
        await using var db = fixture.Database.Open();
        await db.EventHours.ExecuteUpdateAsync(h => h.SetProperty(e => e.Events, 7), Cancellation);

        await fixture.Hours.CountAsync([new UseCaseTime(fixture.UseCaseKey, s_day)], Cancellation);

        Assert.Equal([new($"{s_day:u}custom", 7)], await fixture.HoursAsync());
        Assert.Empty(await fixture.Facets.WaitingAsync(s_day.AddDays(9), 10, Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Count_CrashInTheMiddle_HourWaitsAndReadersSeeTheTruth(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day));
        await fixture.CountAsync();
        await fixture.WriteAsync(fixture.Row("2", s_day));

        foreach (var table in new[] { "event_hours", "event_days", "touched_days" })
        {
            await using var broken = await fixture.BreakAsync(table);
            await Assert.ThrowsAnyAsync<DbException>(
                async () => await fixture.Hours.CountAsync(await fixture.Hours.WaitingAsync(10, Cancellation), Cancellation));
            Assert.Equal([new($"{s_day:u}custom", 1)], await fixture.HoursAsync());
            Assert.Equal([new("custom", 2)], await fixture.ReadAsync(s_day, s_day.AddDays(1)));
        }

        await fixture.CountAsync();
        Assert.Equal([new($"{s_day:u}custom", 2)], await fixture.HoursAsync());
    }

    [Theory, DatabaseData]
    public async Task Waiting_ManyHours_OldestNoteFirst(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day.AddHours(5)));
        await fixture.WriteAsync(fixture.Row("2", s_day));
        await fixture.WriteAsync(fixture.Row("3", s_day.AddHours(5)));

        Assert.Equal([s_day.AddHours(5), s_day], (await fixture.Hours.WaitingAsync(10, Cancellation)).Select(h => h.Start));
        Assert.Equal([s_day.AddHours(5)], (await fixture.Hours.WaitingAsync(1, Cancellation)).Select(h => h.Start));
    }

    [Theory, DatabaseData]
    public async Task Count_TwoServersWhileEventsArrive_ReadersNeverSeeMoreOrLess(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var (begun, done, stop) = (0, 0, false);
        async Task CountAllAsync(RollupFixture server)
        {
            while (!Volatile.Read(ref stop))
            {
                await server.Hours.CountAsync(await server.Hours.WaitingAsync(2, Cancellation), Cancellation);
            }
        }

        Task[] counting = [Task.Run(() => CountAllAsync(fixture), Cancellation), Task.Run(() => CountAllAsync(fixture.AsOtherServer()), Cancellation)];
        var reading = Task.Run(
            async () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    var least = Volatile.Read(ref done);
                    var seen = (await fixture.ReadAsync(s_day.AddMinutes(-30), s_day.AddDays(4))).GetValueOrDefault("custom");
                    Assert.InRange(seen, least, Volatile.Read(ref begun));
                }
            },
            Cancellation);

        for (var i = 0; i < 150; i++)
        {
            Volatile.Write(ref begun, i + 1);
            await fixture.WriteAsync(fixture.Row($"{i}", s_day.AddHours(i % 4 * 20)));
            Volatile.Write(ref done, i + 1);
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll([.. counting, reading]);
        await fixture.CountAsync();
        Assert.Equal(150, (await fixture.HoursAsync()).Values.Sum());
        Assert.Equal(150, (await fixture.DaysAsync()).Values.Sum());
    }
}
