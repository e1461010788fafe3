using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace FleetManager.Data;

/// <summary>Inserts that say what happens to rows that are there already, which EF can not. Types and conversions come from the mapping.</summary>
internal static class InsertRows
{
    /// <summary>Of SQLite: few commands, and few enough parameters, each of which it finds by walking all names.</summary>
    private const int RowsPerStatement = 10;

    /// <summary>
    /// Commands that insert all rows; in the transaction that is open, if one is. The caller runs and disposes them one by one.
    /// </summary>
    /// <param name="db">With an open connection.</param>
    /// <param name="table">Table, with an alias if the tail needs one.</param>
    /// <param name="rows">Entities; every mapped property is written.</param>
    /// <param name="tail">What follows the values, such as <c>ON CONFLICT …</c>.</param>
    public static IEnumerable<DbCommand> Commands<T>(FleetDb db, string table, IReadOnlyList<T> rows, string tail)
    {
        IProperty[] properties = [.. db.Model.FindEntityType(typeof(T))!.GetProperties()];
        var columns = string.Join(", ", properties.Select(p => p.GetColumnName()));
        foreach (var chunk in rows.Chunk(RowsOf(db)))
        {
            var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            var values = command is NpgsqlCommand postgres ? Arrays(postgres, properties, chunk) : Values(command, properties, chunk);
            command.CommandText = $"INSERT INTO {table} ({columns}) {values} {tail}";
            yield return command;
        }
    }

    /// <summary>How many commands so many rows take.</summary>
    public static int Statements(FleetDb db, int rows) => (int)(((long)rows + RowsOf(db) - 1) / RowsOf(db));

    private static int RowsOf(FleetDb db) => db is PostgresFleetDb ? int.MaxValue : RowsPerStatement;

    /// <summary>One array for each column: the statement is the same for any number of rows, so that it is planned once.</summary>
    private static string Arrays<T>(NpgsqlCommand command, IProperty[] properties, T[] rows)
    {
        var arrays = new List<string>(properties.Length);
        foreach (var property in properties)
        {
            var mapping = property.GetRelationalTypeMapping();
            var type = mapping.Converter?.ProviderClrType ?? property.ClrType;
            var column = Array.CreateInstance(type.IsValueType && property.IsNullable ? typeof(Nullable<>).MakeGenericType(Nullable.GetUnderlyingType(type) ?? type) : type, rows.Length);
            for (var row = 0; row < rows.Length; row++)
            {
                var value = property.PropertyInfo!.GetValue(rows[row]);
                column.SetValue(mapping.Converter is { } converter ? converter.ConvertToProvider(value) : value, row);
            }

            command.Parameters.Add(new NpgsqlParameter { Value = column });
            arrays.Add($"${command.Parameters.Count}::{mapping.StoreType}[]");
        }

        return $"SELECT * FROM unnest({string.Join(", ", arrays)})";
    }

    private static string Values<T>(DbCommand command, IProperty[] properties, T[] rows)
    {
        var sql = new StringBuilder("VALUES ");
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

        return sql.ToString();
    }
}
