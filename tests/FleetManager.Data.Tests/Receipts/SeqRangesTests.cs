using FleetManager.Contracts.Agents;
using FleetManager.Data.Receipts;

namespace FleetManager.Data.Tests.Receipts;

public sealed class SeqRangesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("3 1 2", "1-3")]
    [InlineData("1 3 3 5", "1-1 3-3 5-5")]
    public void Of_Numbers_AreRuns(string numbers, string expected) =>
        Assert.Equal(expected, Text(SeqRanges.Of(numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse))));

    [Theory]
    [InlineData("1-10", "", "1-10")]
    [InlineData("1-10", "1-10", "")]
    [InlineData("1-10", "3-4 8-20", "1-2 5-7")]
    [InlineData("1-2 5-9", "2-6", "1-1 7-9")]
    [InlineData("1-3 2-8", "0-1", "2-8")]
    [InlineData("5-5", "1-4 6-9", "5-5")]
    public void Except_Taken_IsTheRest(string ranges, string taken, string expected) =>
        Assert.Equal(expected, Text(SeqRanges.Except(Parse(ranges), Parse(taken))));

    [Fact]
    public void UnionAndExcept_RandomRuns_EqualSetsOfNumbers()
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var (left, right) = (Draw(random), Draw(random));
            var (leftSet, rightSet) = (Numbers(left), Numbers(right));

            Assert.Equal(Text(SeqRanges.Of(leftSet.Union(rightSet))), Text(SeqRanges.Union(left.Concat(right))));
            Assert.Equal(Text(SeqRanges.Of(leftSet.Except(rightSet))), Text(SeqRanges.Except(left, right)));
        }
    }

    private static List<SeqRange> Draw(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(1, 30)).Select(from => new SeqRange(from, from + random.Next(6)))];

    private static HashSet<long> Numbers(IEnumerable<SeqRange> ranges) =>
        [.. ranges.SelectMany(r => Enumerable.Range((int)r.From, (int)r.Count).Select(n => (long)n))];

    private static IEnumerable<SeqRange> Parse(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(r => r.Split('-'))
        .Select(r => new SeqRange(long.Parse(r[0]), long.Parse(r[1])));

    private static string Text(IEnumerable<SeqRange> ranges) => string.Join(' ', ranges.Select(r => $"{r.From}-{r.Through}"));
}
