namespace FleetManager.Data.Rollups;

/// <summary>Deletes events that have left the history window, in batches small enough that ingest does not feel them.</summary>
public interface IEventRetention
{
    /// <summary>
    /// Deletes some of a use case's events of [<paramref name="from"/>, <paramref name="before"/>), oldest first, and notes their hours for a recount,
    /// in one transaction. Receipts stay: the proof that they were held outlives them. An event that is being written just now is left for later.
    /// Null when somebody else is deleting.
    /// </summary>
    Task<RetentionBatch?> DeleteAsync(int useCaseKey, DateTimeOffset from, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <param name="Deleted">How many events are gone; 0 when there is none left.</param>
/// <param name="Through">Timestamp of the last of them: the next batch starts there, past index entries that are dead already.</param>
public readonly record struct RetentionBatch(int Deleted, DateTimeOffset Through);
