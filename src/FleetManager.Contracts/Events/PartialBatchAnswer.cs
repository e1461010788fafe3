using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Events;

/// <summary>Answer of <c>POST /vision-events/batch?partial=true</c> (design 5.4): always 201, one result per item, in the order of the request.</summary>
/// <param name="Created">How many items the server now holds.</param>
/// <param name="EventIds">Their ids.</param>
/// <param name="Results">One per item of the request.</param>
public sealed record PartialBatchAnswer(int Created, IReadOnlyList<string> EventIds, IReadOnlyList<ItemResult> Results);

/// <summary>What became of one item.</summary>
/// <param name="EventId">Its id; null when it had none that could be read.</param>
/// <param name="Status">See <see cref="ItemStatus"/>.</param>
/// <param name="Code">Why it was refused, for programs, such as <c>use_case_unknown</c>; null when it was not.</param>
/// <param name="Message">Why, for people, with the path of the fault.</param>
/// <param name="Permanent">True when sending the same item again can not succeed unless somebody changes something.</param>
public sealed record ItemResult(string? EventId, ItemStatus Status, string? Code = null, string? Message = null, bool Permanent = false);

/// <summary>What became of one item of a partial batch.</summary>
public enum ItemStatus
{
    /// <summary>Stored as a new event.</summary>
    [JsonStringEnumMemberName("created")] Created,

    /// <summary>An event of that id was there; it now holds this content (or did already).</summary>
    [JsonStringEnumMemberName("replaced")] Replaced,

    /// <summary>Not stored; see the code.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}

/// <summary>An event's place in the store that it came from: <c>"store"</c> in an event sent by an agent (design 5.4).</summary>
/// <param name="Epoch">The store's identity, a UUID.</param>
/// <param name="Seq">Number of the event in that store, from 1, without gaps.</param>
public sealed record StorePosition(Guid Epoch, long Seq);
