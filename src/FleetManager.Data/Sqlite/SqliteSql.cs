using FleetManager.Data.Rollups;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>Short forms of what every statement here needs. Times are UTC ticks, as <see cref="SqliteFleetDb"/> reads them.</summary>
internal static class SqliteSql
{
    /// <summary>All rows of a query with numbered parameters.</summary>
    public static List<T> Read<T>(this SqliteTransaction transaction, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        using var statement = new SqliteStatement(transaction.Connection!, sql, values.Length) { Transaction = transaction };
        using var reader = statement.Read(values);
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Runs a statement once for each row of values; the sum of the rows that it changed.</summary>
    public static int Execute(this SqliteTransaction transaction, string sql, int parameters, IEnumerable<object?[]> rows)
    {
        using var statement = new SqliteStatement(transaction.Connection!, sql, parameters) { Transaction = transaction };
        var changed = 0;
        foreach (var values in rows)
        {
            changed += statement.Execute(values);
        }

        return changed;
    }

    public static int Execute(this SqliteTransaction transaction, string sql, params object?[] values) => transaction.Execute(sql, values.Length, [values]);

    public static DateTimeOffset Time(this SqliteDataReader reader, int column) => new(reader.GetInt64(column), TimeSpan.Zero);

    /// <summary>Reads a use case and a time from the first columns.</summary>
    public static UseCaseTime UseCaseTime(this SqliteDataReader reader) => new(reader.GetInt32(0), reader.Time(1));

    public static FacetCount Facet(this SqliteDataReader reader) =>
        new(reader.GetString(0), (FacetKind)reader.GetInt32(1), reader.GetString(2), reader.GetInt64(3));
}
