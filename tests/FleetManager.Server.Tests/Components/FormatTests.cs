using FleetManager.Server.Components;

namespace FleetManager.Server.Tests.Components;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0 events")]
    [InlineData(1, "1 event")]
    [InlineData(128, "128 events")]
    [InlineData(48211, "48\u202f211 events")]
    public void Count_Value_GroupedWithItsNoun(long value, string text) => Assert.Equal(text, Format.Count(value, "event"));

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(59, "59 s")]
    [InlineData(61, "2 min")]
    [InlineData(3600, "1 h 0 min")]
    [InlineData(12_000, "3 h 20 min")]
    [InlineData(5 * 86_400, "5 days")]
    [InlineData(900.0 * 86_400, "over a year")]
    public void Duration_Seconds_AtMostTwoUnits(double seconds, string text) => Assert.Equal(text, Format.Duration(seconds));

    [Theory]
    [InlineData("10 GiB", 10L << 30)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("512 mib", 512L << 20)]
    [InlineData("1.5 KiB", 1536)]
    [InlineData("2 MB", 2_000_000)]
    [InlineData("1048576", 1 << 20)]
    [InlineData("0", 0)]
    public void ByteSize_Typed_Read(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("-1 GiB")]
    [InlineData("0.3 B")]
    [InlineData("10 parsecs")]
    [InlineData("9999999999999 PiB")]
    [InlineData("99999999999999999999999999999999 GiB")]
    public void ByteSize_Nonsense_Refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(10L << 30)]
    [InlineData(long.MaxValue)]
    public void ByteSize_Exact_ReadsBackAsTheSameNumber(long bytes)
    {
        Assert.True(ByteSize.TryParse(ByteSize.Exact(bytes), out var read));
        Assert.Equal(bytes, read);
    }
}
