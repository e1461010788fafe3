using FleetManager.Contracts.Agents;

namespace FleetManager.Data.Receipts;

/// <summary>Arithmetic of number runs. Every result is ascending, and its runs do not touch.</summary>
public static class SeqRanges
{
    public static List<SeqRange> Of(IEnumerable<long> numbers) => Union(numbers.Select(n => new SeqRange(n, n)));

    /// <summary>Overlapping and neighbouring runs become one.</summary>
    public static List<SeqRange> Union(IEnumerable<SeqRange> ranges)
    {
        var union = new List<SeqRange>();
        foreach (var range in ranges.OrderBy(r => r.From))
        {
            if (union.Count > 0 && range.From <= union[^1].Through + 1)
            {
                union[^1] = union[^1] with { Through = Math.Max(union[^1].Through, range.Through) };
            }
            else
            {
                union.Add(range);
            }
        }

        return union;
    }

    /// <summary>What is in <paramref name="ranges"/> and not in <paramref name="taken"/>.</summary>
    public static List<SeqRange> Except(IEnumerable<SeqRange> ranges, IEnumerable<SeqRange> taken)
    {
        var holes = Union(taken);
        var rest = new List<SeqRange>();
        foreach (var range in Union(ranges))
        {
            var from = range.From;
            foreach (var hole in holes.Where(h => h.Through >= range.From && h.From <= range.Through))
            {
                if (hole.From > from)
                {
                    rest.Add(new SeqRange(from, hole.From - 1));
                }

                from = hole.Through + 1;
            }

            if (from <= range.Through)
            {
                rest.Add(new SeqRange(from, range.Through));
            }
        }

        return rest;
    }
}
