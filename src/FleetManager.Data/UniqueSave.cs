using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data;

/// <summary>Saves where a unique index decides a race.</summary>
public static class UniqueSave
{
    private const string PostgresUniqueViolation = "23505";
    private const int SqliteUnique = 2067;
    private const int SqlitePrimaryKey = 1555;

    /// <summary>False when a unique index refused the changes; nothing is stored then. Other faults are thrown.</summary>
    public static async Task<bool> TryAsync(FleetDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException fault) when (IsUniqueViolation(fault.InnerException))
        {
            return false;
        }
    }

    private static bool IsUniqueViolation(Exception? fault) => fault switch
    {
        Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteUnique or SqlitePrimaryKey,
        DbException other => other.SqlState == PostgresUniqueViolation,
        _ => false,
    };
}
