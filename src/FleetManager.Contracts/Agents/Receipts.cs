namespace FleetManager.Contracts.Agents;

/// <summary>Answer of <c>GET /agent/v1/receipts?epoch=UUID</c>: what the server holds of one store (design 6, Receipts).</summary>
/// <param name="Epoch">The store.</param>
/// <param name="Held">Numbers of the events that the server has stored, as ascending ranges that do not touch.</param>
/// <param name="DeclaredLost">Numbers that the device declared lost, likewise.</param>
public sealed record Receipts(Guid Epoch, IReadOnlyList<SeqRange> Held, IReadOnlyList<SeqRange> DeclaredLost);

/// <summary>A run of numbers, both ends included.</summary>
/// <param name="From">First.</param>
/// <param name="Through">Last, not below <paramref name="From"/>.</param>
public readonly record struct SeqRange(long From, long Through)
{
    /// <summary>How many numbers it holds.</summary>
    public long Count => Through - From + 1;
}

/// <summary>Body of <c>POST /agent/v1/losses</c>: events that will never come, each run with its reason. Sending it again changes nothing.</summary>
/// <param name="Epoch">The store.</param>
/// <param name="Losses">At most 1 000 runs.</param>
public sealed record LossReport(Guid Epoch, IReadOnlyList<DeclaredLoss> Losses);

/// <summary>A run of numbers removed from a store before the server held them.</summary>
/// <param name="From">First.</param>
/// <param name="Through">Last.</param>
/// <param name="Reason"><c>store_full</c>, <c>expired</c>, <c>operator</c>, <c>damaged</c>, <c>lost_by_server</c> (acknowledged, deleted, and no longer there after the server was restored).</param>
/// <param name="At">When, by the device's clock.</param>
public sealed record DeclaredLoss(long From, long Through, string Reason, DateTimeOffset At);
