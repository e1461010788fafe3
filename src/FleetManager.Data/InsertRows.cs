using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace FleetManager.Data;

/// <summary>Inserts that say what happens to rows that are there already, which EF can not. Types and conversions come from the mapping.</summary>
internal static class InsertRows
{
    /// <summary>Few round trips, and few enough parameters for SQLite, which finds each by walking all names.</summary>
    private const int RowsPerStatement = 10;

    /// <summary>
    /// Commands that insert all rows, in the transaction that is open. The caller runs and disposes them one by one.
    /// </summary>
    /// <param name="db">With an open transaction.</param>
    /// <param name="table">Table, with an alias if the tail needs one.</param>
    /// <param name="rows">Entities; every mapped property is written.</param>
    /// <param name="tail">What follows the values, such as <c>ON CONFLICT …</c>.</param>
    public static IEnumerable<DbCommand> Commands<T>(FleetDb db, string table, IReadOnlyList<T> rows, string tail)
    {
        IProperty[] properties = [.. db.Model.FindEntityType(typeof(T))!.GetProperties()];
        foreach (var chunk in rows.Chunk(RowsPerStatement))
        {
            var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
            command.CommandText = Fill(command, table, properties, chunk, tail);
            yield return command;
        }
    }

    private static string Fill<T>(DbCommand command, string table, IProperty[] properties, T[] rows, string tail)
    {
        var sql = new StringBuilder($"INSERT INTO {table} (").AppendJoin(", ", properties.Select(p => p.GetColumnName())).Append(") VALUES ");
        for (var row = 0; row < rows.Length; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < properties.Length; column++)
            {
                var property = properties[column];
                var name = string.Create(CultureInfo.InvariantCulture, $"@p{row}_{column}");
                var value = property.PropertyInfo!.GetValue(rows[row]);
                command.Parameters.Add(property.GetRelationalTypeMapping().CreateParameter(command, name, value, property.IsNullable));
                sql.Append(column == 0 ? "" : ", ").Append(name);
            }

            sql.Append(')');
        }

        return sql.Append(' ').Append(tail).ToString();
    }
}
