namespace FleetManager.Data.Events;

/// <summary>
/// Writes groups of events: the one thing that EF Core can not do fast. One implementation per database, held by the same tests.
/// </summary>
public interface IEventWriter
{
    /// <summary>How many groups may be written at once; SQLite has one writer.</summary>
    int Writers { get; }

    /// <summary>
    /// Writes all rows, the receipts of those that came from a device's store, the hours that have to be counted anew and the metadata fields
    /// that were not known, in one transaction. Returns after the commit, one
    /// result per row in the order given. A row whose id is there already overwrites it, unless it says the same (nothing is written)
    /// or a device would overwrite what another origin wrote (<see cref="WriteResult.Foreign"/>: refused, and gets no receipt).
    /// Throws when the group as a whole failed; nothing of it is stored then, and it is safe to try again.
    /// </summary>
    Task<IReadOnlyList<WriteResult>> WriteAsync(IReadOnlyList<EventRow> rows, CancellationToken cancellationToken);
}

/// <summary>What became of a row.</summary>
public enum WriteResult
{
    /// <summary>A new event.</summary>
    Created,

    /// <summary>The event was there and now has this content (or did already).</summary>
    Replaced,

    /// <summary>Another device, or an API key, owns the event of that id.</summary>
    Foreign,
}

/// <summary>A validated event on its way to the database.</summary>
/// <param name="Event">The row; its key is ignored.</param>
/// <param name="Store">Where it comes from, when a device's store sent it.</param>
/// <param name="Fields">Metadata fields that have to be noted with it; null when all are known.</param>
public sealed record EventRow(VisionEvent Event, Contracts.Events.StorePosition? Store, IReadOnlyList<MetadataField>? Fields = null);
