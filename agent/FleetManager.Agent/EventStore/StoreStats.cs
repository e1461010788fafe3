using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.EventStore;

/// <summary>What the store holds, at one instant; the meaning of each is that of <see cref="SyncReport"/>.</summary>
internal sealed record StoreStats(
    Guid Epoch,
    long FirstSeq,
    long AckedThrough,
    StoreTotals Totals,
    long Pending,
    long BackedUp,
    long Parked,
    IReadOnlyList<ParkedReason> ParkedReasons,
    long DeclaredLost,
    DateTimeOffset? OldestPendingAt,
    double? DiskPercentUsed,
    bool? CapacityBlocked);

/// <summary>The counters that tell whether anything happened.</summary>
internal readonly record struct StoreProgress(long LastSeq, long Held, long Done, long Records, long Drafts);
