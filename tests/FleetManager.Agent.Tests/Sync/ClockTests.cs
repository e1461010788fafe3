using System.Globalization;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Sync;

/// <summary>G9: a clock that is wrong, or jumps, loses nothing and stalls nothing, and what was seen lands at its time.</summary>
public sealed class ClockTests : IDisposable
{
    private static readonly DateTimeOffset s_truth = DateTimeOffset.Parse("2026-01-05T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly DateTimeOffset s_epoch = DateTimeOffset.UnixEpoch.AddMinutes(3);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ClockFile => Path.Combine(_folder.Path, "clock.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1970-01-01T00:03:00Z")]
    [InlineData("2025-01-05T12:00:00Z")]
    [InlineData("2027-01-05T12:00:00Z")]
    public async Task Events_StoredUnderAWrongClock_LandAtTheirTimeOnTheServer(string wrong)
    {
        await using var fixture = await SyncFixture.CreateAsync(wrong);
        var start = fixture.Time.GetUtcNow();
        fixture.Server.Now = () => s_truth + (fixture.Time.GetUtcNow() - start);
        await fixture.ApplyAsync(Documents.Backup(1));
        await fixture.Store.AcceptAsync(Arrivals.At(fixture.Time.GetUtcNow()), Token);
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        await fixture.Store.AcceptAsync(Arrivals.At(fixture.Time.GetUtcNow()), Token);

        // A producer that knows better is believed.
        var backdated = s_truth.AddDays(-20);
        await fixture.Store.AcceptAsync(Arrivals.At(backdated), Token);
        fixture.Start();
        await fixture.DrainedAsync();

        Assert.Equal(s_truth, Stamp(fixture, 1), TimeSpan.FromSeconds(2));
        Assert.Equal(s_truth.AddMinutes(10), Stamp(fixture, 2), TimeSpan.FromSeconds(2));
        Assert.Equal(backdated, Stamp(fixture, 3));
        var offset = fixture.Server.Events.Values.Single(e => e.GetProperty("store").GetProperty("seq").GetInt64() == 1).GetProperty("store").GetProperty("clockShiftMs").GetInt64();
        Assert.InRange(Math.Abs((s_truth - start).TotalMilliseconds - offset), 0, 2000);
    }

    [Fact]
    public async Task RightClock_ChangesNoStamp()
    {
        await using var fixture = await SyncFixture.CreateAsync();
        var stamp = fixture.Time.GetUtcNow().AddTicks(1234567);
        await fixture.ApplyAsync(Documents.Backup(1));
        await fixture.Store.AcceptAsync(Arrivals.At(stamp), Token);
        fixture.Start();
        await fixture.DrainedAsync();

        Assert.Equal(stamp, Stamp(fixture, 1));
        Assert.False(fixture.Server.Events.Values.Single().GetProperty("store").TryGetProperty("clockShiftMs", out _));
    }

    [Fact]
    public void Clock_ThatWasSetBeforeTheServerWasReached_IsKnownForBothTimes()
    {
        var time = new SettableClock(s_epoch);
        var server = new ServerClock(time);
        var clock = new EventClock(ClockFile, server, lastSeq: 0, time);
        clock.Look(lastSeq: 0);
        var early = Event(1, time);
        time.Passing.Advance(TimeSpan.FromHours(1));
        clock.Look(lastSeq: 1);

        time.Set(s_truth.AddHours(1));
        clock.Look(lastSeq: 1);
        var late = Event(2, time);
        server.Observe(s_truth.AddHours(1), TimeSpan.Zero);

        Assert.Equal(s_truth, early.ReceivedAt + clock.ShiftOf(early, early.ReceivedAt), TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, clock.ShiftOf(late, late.ReceivedAt));
    }

    [Fact]
    public void Events_FromBeforeARestart_KeepTheShiftThatWasKnown()
    {
        var time = new FakeTimeProvider(s_epoch);
        var server = new ServerClock(time);
        var before = new EventClock(ClockFile, server, lastSeq: 0, time);
        var early = Event(1, time);
        server.Observe(s_truth, TimeSpan.Zero);
        before.Look(lastSeq: 1);

        // The next start has the right time, an hour later.
        time = new FakeTimeProvider(s_truth.AddHours(1));
        server = new ServerClock(time);
        var after = new EventClock(ClockFile, server, lastSeq: 1, time);
        server.Observe(s_truth.AddHours(1), TimeSpan.Zero);

        Assert.Equal(s_truth, early.ReceivedAt + after.ShiftOf(early, early.ReceivedAt), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Events_OfAnEarlierStartThatNeverReachedTheServer_LandBeforeThisStartInTheirOrder()
    {
        var time = new FakeTimeProvider(s_epoch);
        var before = new EventClock(ClockFile, new ServerClock(time), lastSeq: 0, time);
        var first = Event(1, time);
        time.Advance(TimeSpan.FromMinutes(5));
        var second = Event(2, time);
        before.Look(lastSeq: 2);

        // In 1970 again, after nobody knows how long.
        time = new FakeTimeProvider(s_epoch);
        var server = new ServerClock(time);
        var after = new EventClock(ClockFile, server, lastSeq: 2, time);
        var third = Event(3, time);
        time.Advance(TimeSpan.FromMinutes(30));
        server.Observe(s_truth, TimeSpan.Zero);

        var stamps = new[] { first, second, third }.Select(e => e.ReceivedAt + after.ShiftOf(e, e.ReceivedAt)).ToList();
        Assert.All(stamps, s => Assert.InRange(s, s_truth.AddHours(-1), s_truth.AddMinutes(1)));
        Assert.Equal(TimeSpan.FromMinutes(5), stamps[1] - stamps[0]);
        Assert.Equal(s_truth.AddMinutes(-30), stamps[2], TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void DamagedFile_IsBegunAnew()
    {
        File.WriteAllText(ClockFile, "{broken");
        var time = new FakeTimeProvider(s_truth);
        var server = new ServerClock(time);
        var clock = new EventClock(ClockFile, server, lastSeq: 5, time);

        server.Observe(s_truth, TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, clock.ShiftOf(Event(6, time), s_truth));
        Assert.True(clock.WasAlwaysRight);
    }

    /// <summary>A clock that somebody sets, beside one that nobody can.</summary>
    private sealed class SettableClock(DateTimeOffset start) : TimeProvider
    {
        private TimeSpan _set;

        public FakeTimeProvider Passing { get; } = new(start);

        public void Set(DateTimeOffset now) => _set = now - Passing.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Passing.GetUtcNow() + _set;

        public override long GetTimestamp() => Passing.GetTimestamp();

        public override long TimestampFrequency => Passing.TimestampFrequency;
    }

    private static NumberedEvent Event(long seq, TimeProvider time) => new(seq, Arrivals.New().Event, 100, time.GetUtcNow());

    private static DateTimeOffset Stamp(SyncFixture fixture, long seq) =>
        fixture.Server.Events.Values.Single(e => e.GetProperty("store").GetProperty("seq").GetInt64() == seq).GetProperty("timestamp").GetDateTimeOffset();
}
