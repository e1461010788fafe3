using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// A set of sequence numbers, kept as ascending ranges that do not touch, so that a million acknowledged events are one entry.
/// Not thread safe.
/// </summary>
internal sealed class SeqSet
{
    private readonly List<SeqRange> _ranges = [];

    public SeqSet()
    {
    }

    /// <summary>A set of ranges in any order. They are sorted first: adding each to its place would move the others again and again.</summary>
    public SeqSet(IEnumerable<SeqRange> ranges)
    {
        foreach (var range in ranges.OrderBy(r => r.From))
        {
            Add(range);
        }
    }

    public IReadOnlyList<SeqRange> Ranges => _ranges;

    /// <summary>How many numbers it holds.</summary>
    public long Count { get; private set; }

    /// <summary>The last number of the unbroken run that starts at 1; 0 when 1 is missing.</summary>
    public long Prefix => _ranges.Count > 0 && _ranges[0].From <= 1 ? _ranges[0].Through : 0;

    public bool Contains(long seq)
    {
        var index = FirstEndingAtOrAfter(seq);
        return index < _ranges.Count && _ranges[index].From <= seq;
    }

    /// <summary>Adds a range and returns the one that now holds it.</summary>
    public SeqRange Add(SeqRange range)
    {
        // Ranges that touch are merged as well, hence one less and one more.
        var first = FirstEndingAtOrAfter(range.From - 1);
        var last = first;
        var (from, through) = (range.From, range.Through);
        while (last < _ranges.Count && _ranges[last].From <= range.Through + 1)
        {
            from = Math.Min(from, _ranges[last].From);
            through = Math.Max(through, _ranges[last].Through);
            Count -= _ranges[last++].Count;
        }

        var merged = new SeqRange(from, through);
        if (last == first + 1)
        {
            _ranges[first] = merged;
        }
        else
        {
            _ranges.RemoveRange(first, last - first);
            _ranges.Insert(first, merged);
        }

        Count += merged.Count;
        return merged;
    }

    public void Remove(SeqRange range)
    {
        var index = FirstEndingAtOrAfter(range.From);
        while (index < _ranges.Count && _ranges[index].From <= range.Through)
        {
            var old = _ranges[index];
            _ranges.RemoveAt(index);
            Count -= old.Count;
            if (old.From < range.From)
            {
                Insert(index++, new SeqRange(old.From, range.From - 1));
            }

            if (old.Through > range.Through)
            {
                Insert(index++, new SeqRange(range.Through + 1, old.Through));
            }
        }
    }

    /// <summary>The parts of a span that are in the set, ascending.</summary>
    public IEnumerable<SeqRange> Within(SeqRange span)
    {
        for (var i = FirstEndingAtOrAfter(span.From); i < _ranges.Count && _ranges[i].From <= span.Through; i++)
        {
            yield return new SeqRange(Math.Max(span.From, _ranges[i].From), Math.Min(span.Through, _ranges[i].Through));
        }
    }

    /// <summary>The parts of a span that are not in the set, ascending.</summary>
    public IEnumerable<SeqRange> Gaps(SeqRange span)
    {
        var next = span.From;
        foreach (var held in Within(span))
        {
            if (held.From > next)
            {
                yield return new SeqRange(next, held.From - 1);
            }

            next = held.Through + 1;
        }

        if (next <= span.Through)
        {
            yield return new SeqRange(next, span.Through);
        }
    }

    /// <summary>The same, from the end.</summary>
    public IEnumerable<SeqRange> GapsBackwards(SeqRange span)
    {
        var next = span.Through;
        for (var i = Math.Min(FirstEndingAtOrAfter(span.Through), _ranges.Count - 1); i >= 0 && next >= span.From; i--)
        {
            if (_ranges[i].From > next)
            {
                continue;
            }

            if (_ranges[i].Through < next)
            {
                yield return new SeqRange(Math.Max(span.From, _ranges[i].Through + 1), next);
            }

            next = _ranges[i].From - 1;
        }

        if (next >= span.From)
        {
            yield return new SeqRange(span.From, next);
        }
    }

    private void Insert(int index, SeqRange range)
    {
        _ranges.Insert(index, range);
        Count += range.Count;
    }

    private int FirstEndingAtOrAfter(long seq)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].Through < seq)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
