using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Tests.EventStore;

public sealed class SeqSetTests
{
    [Fact]
    public void Add_TouchingAndOverlapping_Merges()
    {
        var set = new SeqSet([new(1, 3), new(7, 9)]);

        Assert.Equal(new SeqRange(1, 9), set.Add(new SeqRange(4, 6)));
        Assert.Equal([new SeqRange(1, 9)], set.Ranges);
        Assert.Equal(9, set.Prefix);
    }

    [Fact]
    public void GapsBackwards_AroundHeldRanges_ComeFromTheEnd()
    {
        var set = new SeqSet([new(1, 2), new(5, 6), new(9, 20)]);

        Assert.Equal([new SeqRange(7, 8), new SeqRange(3, 4)], set.GapsBackwards(new SeqRange(1, 10)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Operations_AtRandom_EqualThoseOfAPlainSet(int seed)
    {
        const int top = 60;
        var random = new Random(seed);
        var (set, plain) = (new SeqSet(), new SortedSet<long>());
        for (var i = 0; i < 2000; i++)
        {
            var from = random.Next(1, top);
            var range = new SeqRange(from, random.Next(from, Math.Min(top, from + 8)));
            var numbers = Enumerable.Range((int)range.From, (int)range.Count).Select(n => (long)n);
            if (random.Next(2) == 0)
            {
                set.Add(range);
                plain.UnionWith(numbers);
            }
            else
            {
                set.Remove(range);
                plain.ExceptWith(numbers);
            }

            Assert.Equal(plain.Count, set.Count);
            Assert.Equal(plain, set.Ranges.SelectMany(Numbers));
            Assert.Equal(numbers.Where(n => !plain.Contains(n)), set.Gaps(range).SelectMany(Numbers));
            Assert.Equal(set.Gaps(range).Reverse(), set.GapsBackwards(range));
            Assert.Equal(plain.Contains(from), set.Contains(from));
            Assert.All(set.Ranges.Zip(set.Ranges.Skip(1)), pair => Assert.True(pair.First.Through + 1 < pair.Second.From));
        }
    }

    private static IEnumerable<long> Numbers(SeqRange range) => Enumerable.Range((int)range.From, (int)range.Count).Select(n => (long)n);
}
