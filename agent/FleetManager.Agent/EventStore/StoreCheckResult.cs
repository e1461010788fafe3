using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>What a store says of itself, and what is wrong with it.</summary>
internal sealed record StoreCheckResult(
    Guid Epoch, long LastSeq, long Held, long DeclaredLost, long Parked, long Records, long Images, IReadOnlyList<StoreFinding> Findings, IReadOnlyList<string> Notes)
{
    /// <summary>Numbers that the server is taken to hold.</summary>
    [JsonIgnore]
    public IReadOnlyList<SeqRange> HeldRanges { get; init; } = [];

    /// <summary>Numbers that were declared lost.</summary>
    [JsonIgnore]
    public IReadOnlyList<SeqRange> LostRanges { get; init; } = [];

    public bool IsWhole => Findings.Count == 0;

    public long Pending => LastSeq - Held - DeclaredLost - Parked;
}

/// <summary>Something that is wrong with a store.</summary>
/// <param name="Code">For programs: <c>journal page version note epoch held losses parked row number image sums server</c>.</param>
/// <param name="Text">For people.</param>
/// <param name="From">First number that it is about, if it is about numbers.</param>
/// <param name="Through">Last of them.</param>
internal sealed record StoreFinding(string Code, string Text, long? From, long? Through);
