using FleetManager.Data.Rollups;

namespace FleetManager.Data.Tests.Rollups;

public sealed class CountRangeTests
{
    [Theory]
    [InlineData("10:00", "10:00", "10:00", "10:00")]
    [InlineData("10:15", "10:45", "10:45", "10:45")]
    [InlineData("10:15", "11:30", "11:00", "11:00")]
    [InlineData("10:00", "10:30", "10:00", "10:00")]
    [InlineData("10:15", "13:30", "11:00", "13:00")]
    [InlineData("10:00", "13:00", "10:00", "13:00")]
    [InlineData("13:00", "10:00", "13:00", "13:00")]
    public void Range_WithinADay_WholeHoursAreTheRollups(string from, string to, string hoursFrom, string hoursTo)
    {
        var range = new CountRange(At(from), At(to), CountUnit.Total);

        Assert.Equal((At(hoursFrom), At(hoursTo)), (range.HoursFrom, range.HoursTo));
        Assert.Equal(range.DaysFrom, range.DaysTo);
    }

    [Fact]
    public void Range_OfDays_WholeDaysAreTheRollupsUnlessHoursAreAsked()
    {
        var (from, to) = (At("22:30"), At("22:30").AddDays(4));

        var total = new CountRange(from, to, CountUnit.Total);
        var hours = new CountRange(from, to, CountUnit.Hour);

        Assert.Equal((At("00:00").AddDays(1), At("00:00").AddDays(4)), (total.DaysFrom, total.DaysTo));
        Assert.Equal((hours.HoursTo, hours.HoursTo), (hours.DaysFrom, hours.DaysTo));
    }

    private static DateTimeOffset At(string time) => RollupFixture.Day + TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
