namespace FleetManager.FaultLab;

/// <summary>A part that breaks its word, which proves that the lab would notice.</summary>
internal enum Sabotage
{
    None,

    /// <summary>The disk says flushed and is not.</summary>
    DiskLies,

    /// <summary>The server acknowledges an event now and then and does not keep it.</summary>
    ServerForgets,

    /// <summary>A row of the store is gone.</summary>
    StoreLosesARow,
}
