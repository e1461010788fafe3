namespace FleetManager.Agent.EventStore;

/// <summary>Tells a full volume from other failures: it is an answer to the producer, not a fault.</summary>
internal static class DiskFull
{
    private const int Enospc = 28;
    private const int Edquot = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int SqliteFull = 13;

    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        StoreFailedException failed => Is(failed.InnerException),
        Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull,
        IOException io => io.HResult is Enospc or Edquot or WindowsDiskFull,
        _ => false,
    };
}
