using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>How a journal is copied.</summary>
/// <param name="NewEpoch">Whether the copy numbers its events anew, from 1, under an epoch of its own.</param>
/// <param name="ServerHeld">What the server holds of the old epoch, as far as it was asked.</param>
/// <param name="Issued">Numbers of the old epoch that were given out, though this journal may not know of them.</param>
/// <param name="WithoutHeld">Whether events that the server holds are left out.</param>
internal sealed record CopyPlan(bool NewEpoch, IReadOnlyList<SeqRange> ServerHeld, SeqRange? Issued, bool WithoutHeld = false)
{
    /// <summary>The same numbers, without what is damaged.</summary>
    public CopyPlan()
        : this(false, [], null)
    {
    }
}

/// <summary>What came of it.</summary>
/// <param name="Epoch">Epoch of the copy.</param>
/// <param name="Records">Events in it.</param>
/// <param name="Lost">Numbers that were declared lost by it.</param>
internal sealed record CopyResult(Guid Epoch, long Records, long Lost);
