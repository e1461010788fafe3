using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Sync;

public sealed class SmallPartsTests
{
    [Theory]
    [InlineData("mon", "08:00", "18:00", "2026-01-05T07:59:00Z", false)]
    [InlineData("mon", "08:00", "18:00", "2026-01-05T08:00:00Z", true)]
    [InlineData("mon", "08:00", "18:00", "2026-01-05T18:00:00Z", false)]
    [InlineData("mon", "08:00", "18:00", "2026-01-06T09:00:00Z", false)]
    [InlineData("mon", "22:00", "06:00", "2026-01-06T05:59:00Z", true)]
    [InlineData("mon", "22:00", "06:00", "2026-01-05T05:59:00Z", false)]
    [InlineData("sun", "22:00", "06:00", "2026-01-05T05:59:00Z", true)]
    [InlineData("", "22:00", "06:00", "2026-01-05T23:00:00Z", true)]
    [InlineData("mon", "00:00", "00:00", "2026-01-05T23:00:00Z", true)]
    public void Window_AtATime_IsOpenOrNot(string day, string from, string to, string now, bool expected)
    {
        var window = new BackupWindow(day.Length == 0 ? [] : [day], from, to);

        Assert.Equal(expected, BackupClock.IsOpen([window], DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Backoff_Grows_ToItsCapAndNotBeyond()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

        var delays = Enumerable.Range(0, 60).Select(_ => backoff.Next()).ToList();

        Assert.True(delays[0] <= TimeSpan.FromSeconds(1));
        Assert.All(delays, d => Assert.InRange(d, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)));
        Assert.Contains(delays, d => d > TimeSpan.FromMinutes(1));
        Assert.True(delays.Distinct().Count() > 30);
        backoff.Reset();
        Assert.True(backoff.Next() <= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Throttle_OverTheCap_WaitsForTheBytesToBeDue()
    {
        var time = new FakeTimeProvider();
        var throttle = new Throttle(() => 1000, time);

        var first = throttle.TakeAsync(500, TestContext.Current.CancellationToken).AsTask();
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(500));
        await first;

        var second = throttle.TakeAsync(2000, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await second;
    }

    [Fact]
    public void RateMeter_OfSteadyGrowth_TellsIt()
    {
        var meter = new RateMeter();
        for (var i = 0; i < 200; i++)
        {
            meter.Observe(i * 7, 1);
        }

        Assert.Equal(7, meter.PerSecond, 0.1);
    }
}
