using FleetManager.Contracts.Agents;

namespace FleetManager.Data.Receipts;

/// <summary>What must change in the held runs of a store when numbers are added: nothing at all when they are all there.</summary>
internal readonly record struct HeldMerge(IReadOnlyList<long> Removed, IReadOnlyList<SeqRange> Written)
{
    /// <param name="touched">Present runs that overlap or neighbour the added ones.</param>
    /// <param name="added">Runs to add.</param>
    public static HeldMerge Of(IReadOnlyList<SeqRange> touched, IReadOnlyList<SeqRange> added)
    {
        var merged = SeqRanges.Union(touched.Concat(added));
        var starts = merged.Select(r => r.From).ToHashSet();
        var present = touched.ToHashSet();
        return new HeldMerge(
            [.. touched.Select(r => r.From).Where(from => !starts.Contains(from))],
            [.. merged.Where(r => !present.Contains(r))]);
    }
}
