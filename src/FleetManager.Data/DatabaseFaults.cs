using Microsoft.Data.Sqlite;
using Npgsql;

namespace FleetManager.Data;

/// <summary>Tells a database that is away, full or overloaded from a statement that is wrong.</summary>
public static class DatabaseFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CanNotOpen = 14;

    // Connection, no such database (yet), resources, intervention of an operator, system error, read-only standby.
    private static readonly string[] s_postgresClasses = ["08", "3D", "53", "57", "58", "25006"];

    /// <summary>True when another transaction came between, and the whole transaction may succeed when it is tried again.</summary>
    public static bool IsConflict(Exception? fault) => fault is PostgresException { SqlState: "40001" or "40P01" } || (fault is not null && IsConflict(fault.InnerException));

    /// <summary>True when the same statement may succeed later without anybody changing it.</summary>
    public static bool IsUnavailable(Exception? fault) => fault switch
    {
        null => false,
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked or NoMemory or ReadOnly or InputOutput or Full or CanNotOpen,
        PostgresException postgres => s_postgresClasses.Any(c => postgres.SqlState.StartsWith(c, StringComparison.Ordinal)),
        NpgsqlException => true,
        _ => IsUnavailable(fault.InnerException),
    };
}
