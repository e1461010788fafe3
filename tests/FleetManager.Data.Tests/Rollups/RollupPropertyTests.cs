using CsCheck;
using FleetManager.Contracts.Events;
using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;

namespace FleetManager.Data.Tests.Rollups;

/// <summary>Whatever happens in whatever order, readers see what is there at every moment, and the rollups come to say the same.</summary>
public sealed class RollupPropertyTests
{
    private const int Ids = 12;
    private static readonly DateTimeOffset s_from = RollupFixture.Day;
    private static readonly TimeSpan s_span = TimeSpan.FromDays(3);
    private static readonly string[] s_types = [EventTypes.Custom, EventTypes.QualityCheck, EventTypes.SafetyAlert];

    private static readonly Gen<Seen> s_seen =
        from id in Gen.Int[0, Ids - 1]
        from useCase in Gen.Int[0, 1]
        from minutes in Gen.Int[0, ((int)s_span.TotalHours - 1) * 4]
        from type in Gen.OneOf(s_types)
        from value in Gen.Int[0, 2]
        select new Seen($"{id}", useCase, s_from.AddMinutes(minutes * 15), type, value);

    // Times meet hours and days often: that is where mistakes are.
    private static readonly Gen<DateTimeOffset> s_time = Gen.Int[-4, (int)s_span.TotalHours * 4].Select(quarters => s_from.AddMinutes(quarters * 15));

    private static readonly Gen<Step> s_step = Gen.Frequency<Step>(
        (6, s_seen.Array[1, 4].Select(e => (Step)new Write(e))),
        (3, Gen.Int[1, 3].Select(n => (Step)new CountHours(n))),
        (2, Gen.Const((Step)new CountFacets())),
        (1, Gen.Select(Gen.Int[0, 1], s_time, (useCase, before) => (Step)new Delete(useCase, before))));

    private static readonly Gen<(Step Step, DateTimeOffset From, DateTimeOffset To, CountUnit Unit)[]> s_history =
        Gen.Select(s_step, s_time, s_time, Gen.Enum<CountUnit>()).Array[1, 25];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Rollups_AnyHistory_SayWhatALiveCountSays(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);

        await s_history.SampleAsync(
            async history =>
            {
                var world = new World(fixture, [await fixture.AddUseCaseAsync(), await fixture.AddUseCaseAsync()]);
                foreach (var (step, from, to, unit) in history)
                {
                    await world.DoAsync(step);
                    await world.CheckReadingAsync(from, to, unit);
                }

                await fixture.CountAsync();
                await world.CheckRollupsAsync();
                await world.DoAsync(new Delete(0, s_from + s_span));
                await world.DoAsync(new Delete(1, s_from + s_span));
                await fixture.CountAsync();
                await world.CheckRollupsAsync();
            },
            iter: 25,
            threads: 1);
    }

    private sealed class World(RollupFixture fixture, int[] useCases)
    {
        private readonly Dictionary<string, Seen> _events = [];

        public async Task DoAsync(Step step)
        {
            switch (step)
            {
                case Write write:
                    await fixture.WriteAsync([.. write.Events.Select(RowOf)]);
                    Array.ForEach(write.Events, e => _events[e.Id] = e);
                    break;
                case CountHours count:
                    Assert.True(await fixture.Hours.CountAsync(await fixture.Hours.WaitingAsync(count.Limit, Cancellation), Cancellation));
                    break;
                case CountFacets:
                    foreach (var day in await fixture.Facets.WaitingAsync(s_from.AddDays(9), 1, Cancellation))
                    {
                        Assert.True(await fixture.Facets.CountAsync(day, s_from, Cancellation));
                    }

                    break;
                case Delete delete:
                    Assert.NotNull(await fixture.Retention.DeleteAsync(useCases[delete.UseCase], DateTimeOffset.UnixEpoch, delete.Before, Cancellation));
                    foreach (var gone in _events.Values.Where(e => e.UseCase == delete.UseCase && e.At < delete.Before).ToList())
                    {
                        _events.Remove(gone.Id);
                    }

                    break;
            }
        }

        public async Task CheckReadingAsync(DateTimeOffset from, DateTimeOffset to, CountUnit unit)
        {
            for (var useCase = 0; useCase < useCases.Length; useCase++)
            {
                var expected = Of(useCase).Where(e => e.At >= from && e.At < to).Select(e => (unit switch
                {
                    CountUnit.Day => $"{DayOf(e):u}{e.Type}",
                    CountUnit.Hour => $"{HourOf(e):u}{e.Type}",
                    _ => e.Type,
                }, 1L));
                Assert.Equal(RollupFixture.Sum(expected), await fixture.ReadAsync(from, to, unit, useCases[useCase]));
            }
        }

        public async Task CheckRollupsAsync()
        {
            for (var useCase = 0; useCase < useCases.Length; useCase++)
            {
                var key = useCases[useCase];
                Assert.Equal(RollupFixture.Sum(Of(useCase).Select(e => ($"{HourOf(e):u}{e.Type}", 1L))), await fixture.HoursAsync(key));
                Assert.Equal(RollupFixture.Sum(Of(useCase).Select(e => ($"{DayOf(e):u}{e.Type}", 1L))), await fixture.DaysAsync(key));
                Assert.Equal(
                    RollupFixture.Sum(Of(useCase).SelectMany(e => new[]
                    {
                        ($"{e.At:dd} deviceId Text cam{e.Value}", 1L),
                        ($"{e.At:dd} customMetadata.line Text {e.Value}", 1L),
                        ($"{e.At:dd} customMetadata.even Boolean {(e.Value % 2 == 0 ? "true" : "false")}", 1L),
                    })),
                    await fixture.FacetsAsync(key));
            }
        }

        private IEnumerable<Seen> Of(int useCase) => _events.Values.Where(e => e.UseCase == useCase);

        // Ids of one history are its own: the database is shared by all of them.
        private EventRow RowOf(Seen e) => fixture.Row($"{useCases[0]}-{e.Id}", e.At, e.Type, useCases[e.UseCase], row =>
        {
            row.DeviceId = $"cam{e.Value}";
            row.CustomMetadata = $$"""{"line":"{{e.Value}}","even":{{(e.Value % 2 == 0 ? "true" : "false")}},"number":{{e.Value}}}""";
        });

        private static DateTimeOffset DayOf(Seen e) => CountRange.Floor(e.At, TimeSpan.FromDays(1));

        private static DateTimeOffset HourOf(Seen e) => CountRange.Floor(e.At, TimeSpan.FromHours(1));
    }

    private abstract record Step;

    private sealed record Write(Seen[] Events) : Step;

    private sealed record CountHours(int Limit) : Step;

    private sealed record CountFacets : Step;

    private sealed record Delete(int UseCase, DateTimeOffset Before) : Step;

    private sealed record Seen(string Id, int UseCase, DateTimeOffset At, string Type, int Value);
}
