using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Pending events that a sender has taken. Nobody else is given them, and no cap drops them, until they are released; a crash releases all.
/// </summary>
/// <param name="Epoch">Of which their numbers are: in a later one the same numbers are other events.</param>
/// <param name="Events">The events, at least one.</param>
internal sealed record Lease(Guid Epoch, IReadOnlyList<NumberedEvent> Events);

/// <summary>What a sender learned about events it had leased.</summary>
/// <param name="epoch">Of the lease.</param>
internal sealed class Settlement(Guid epoch)
{
    public Guid Epoch => epoch;

    public List<long> Held { get; } = [];

    public List<(long Seq, string Code, string Message)> Parked { get; } = [];

    /// <summary>Numbers as ranges, which is how the journal keeps them.</summary>
    public static IReadOnlyList<SeqRange> Ranges(IEnumerable<long> numbers) => new SeqSet(numbers.Select(n => new SeqRange(n, n))).Ranges;
}
