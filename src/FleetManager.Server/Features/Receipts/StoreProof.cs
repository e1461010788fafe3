using FleetManager.Contracts.Agents;
using FleetManager.Data.Receipts;

namespace FleetManager.Server.Features.Receipts;

/// <summary>What is known of one device store: each of its numbers is held, declared lost, or unknown.</summary>
/// <param name="Epoch">The store.</param>
/// <param name="FirstSeenAt">When it first sent something.</param>
/// <param name="Held">Runs that the server holds, ascending.</param>
/// <param name="Declared">Declared losses with their reasons, as they were declared.</param>
internal sealed record StoreProof(Guid Epoch, DateTimeOffset FirstSeenAt, IReadOnlyList<SeqRange> Held, IReadOnlyList<DeclaredLoss> Declared)
{
    public long HeldCount => Held.Sum(r => r.Count);

    /// <summary>Declared losses without numbers that came after all.</summary>
    public IReadOnlyList<SeqRange> Lost { get; } = SeqRanges.Except(Declared.Select(l => new SeqRange(l.From, l.Through)), Held);

    public long LostCount => Lost.Sum(r => r.Count);

    /// <summary>The greatest number that was held or declared; 0 when there is none.</summary>
    public long LastKnown => Math.Max(Held.Count > 0 ? Held[^1].Through : 0, Lost.Count > 0 ? Lost[^1].Through : 0);

    /// <summary>Numbers up to the last one that the device reported which are neither held nor declared lost: still on their way, or missing.</summary>
    public IReadOnlyList<SeqRange> UnknownUpTo(long lastSeq) =>
        lastSeq < 1 ? [] : SeqRanges.Except([new SeqRange(1, lastSeq)], Held.Concat(Lost));
}
