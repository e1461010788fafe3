using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>Tells a damaged journal from other failures: what can still be read of it is copied, and the rest is declared lost.</summary>
internal static class Damage
{
    public const int Patience = 3;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int ReadError = 266;
    private const int ShortRead = 522;
    private const int FileSystemDamaged = 8458;

    public static bool Is(Exception? exception) => exception switch
    {
        StoreFailedException failed => Is(failed.InnerException),
        SqliteException sqlite => sqlite.SqliteErrorCode is Corrupt or NotADatabase || sqlite.SqliteExtendedErrorCode is ReadError or ShortRead or FileSystemDamaged,
        InvalidDataException => true,
        _ => false,
    };

    /// <summary>
    /// The disk did not give what is there. It may the next time, so that nothing is given up for one such error: only a disk that says so
    /// <see cref="Patience"/> times in a row is believed.
    /// </summary>
    public static bool IsOfDisk(Exception? exception) => exception switch
    {
        StoreFailedException failed => IsOfDisk(failed.InnerException),
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is ReadError or ShortRead,
        _ => false,
    };

    /// <summary>Reads anew, from the start of <paramref name="read"/>, what the disk did not give.</summary>
    public static T Patiently<T>(Func<T> read)
    {
        for (var errors = 1; ; errors++)
        {
            try
            {
                return read();
            }
            catch (SqliteException e) when (IsOfDisk(e) && errors < Patience)
            {
            }
        }
    }

    /// <summary>What a column that is not what it should be makes of itself: its header was hit.</summary>
    public static bool IsOfRow(Exception exception) => exception is InvalidCastException or InvalidOperationException or FormatException or OverflowException or ArgumentException;
}
