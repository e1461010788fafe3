using FleetManager.Data.Rollups;
using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Events;

public sealed class RollupWorkerTests : IDisposable
{
    private static readonly DateTimeOffset s_hour = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(s_hour);
    private readonly FakeRollup _rollup = new();
    private readonly LogSink _logs = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CountHours_MoreThanATransaction_AllInSlices()
    {
        _rollup.Waiting.AddRange(Enumerable.Range(0, 45).Select(i => new UseCaseTime(1, s_hour.AddHours(i))));

        await Worker().CountHoursAsync(Cancellation);

        Assert.Equal([20, 20, 5], _rollup.Counted);
    }

    [Fact]
    public async Task CountHours_AnotherServerIsAtIt_LeavesItToThat()
    {
        _rollup.Waiting.AddRange(Enumerable.Range(0, 45).Select(i => new UseCaseTime(1, s_hour.AddHours(i))));
        _rollup.Answer = () => false;

        await Worker().CountHoursAsync(Cancellation);

        Assert.Equal([20], _rollup.Counted);
    }

    [Fact]
    public async Task CountHours_OneSliceRefused_OthersAreCountedAndTheFaultIsTold()
    {
        _rollup.Waiting.AddRange(Enumerable.Range(0, 45).Select(i => new UseCaseTime(1, s_hour.AddHours(i))));
        _rollup.Answer = () => _rollup.Counted.Count == 1 ? throw new SqliteException("refused", 19) : true;

        await Assert.ThrowsAsync<SqliteException>(() => Worker().CountHoursAsync(Cancellation));

        Assert.Equal([20, 20, 5], _rollup.Counted);
    }

    [Fact]
    public async Task Run_DatabaseAwayForAWhile_IsToldOnceAndRecoversByItself()
    {
        _rollup.Waiting.Add(new UseCaseTime(1, s_hour));
        _rollup.Answer = () => _rollup.Counted.Count < 4 ? throw new SqliteException("disk I/O error", 10) : true;
        using var worker = Worker();

        await worker.StartAsync(Cancellation);
        await Poll.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(_logs.Entries.Count(e => e.Contains("counted again, after 3 failures", StringComparison.Ordinal)));
            },
            told => told == 1);
        await worker.StopAsync(Cancellation);

        Assert.Single(_logs.Entries, e => e.StartsWith("Error", StringComparison.Ordinal));
    }

    public void Dispose() => _logs.Dispose();

    private RollupWorker Worker()
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        return new RollupWorker(_rollup, _rollup, _time, factory.CreateLogger<RollupWorker>());
    }

    private sealed class FakeRollup : IHourRollup, IFacetRollup
    {
        public List<UseCaseTime> Waiting { get; } = [];

        public List<int> Counted { get; } = [];

        public Func<bool> Answer { get; set; } = () => true;

        Task<IReadOnlyList<UseCaseTime>> IHourRollup.WaitingAsync(int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UseCaseTime>>(Waiting);

        Task<bool> IHourRollup.CountAsync(IReadOnlyList<UseCaseTime> hours, CancellationToken cancellationToken)
        {
            Counted.Add(hours.Count);
            return Task.FromResult(Answer());
        }

        Task<IReadOnlyList<UseCaseTime>> IFacetRollup.WaitingAsync(DateTimeOffset countedBefore, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UseCaseTime>>([]);

        Task<bool> IFacetRollup.CountAsync(UseCaseTime day, DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult(true);
    }
}
