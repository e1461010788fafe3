using Npgsql;
using NpgsqlTypes;

namespace FleetManager.Benchmarks.Events;

/// <summary>A column of the events table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in PostgreSQL's words.</param>
internal sealed record Column(string Name, string Type)
{
    /// <summary>What stands in a new row: ids and times are its own, the rest is as it was.</summary>
    public object? Renew(object? value, DateTimeOffset at) => Name switch
    {
        "event_id" => EventIds.Next(at).ToString(),
        "timestamp" => at.UtcDateTime,
        _ => value,
    };

    public void Write(NpgsqlBinaryImporter import, object? value)
    {
        if (value is null)
        {
            import.WriteNull();
            return;
        }

        switch (Type)
        {
            case "integer":
                import.Write((int)value, NpgsqlDbType.Integer);
                break;
            case "bigint":
                import.Write((long)value, NpgsqlDbType.Bigint);
                break;
            case "boolean":
                import.Write((bool)value, NpgsqlDbType.Boolean);
                break;
            case "text":
                import.Write((string)value, NpgsqlDbType.Text);
                break;
            case "jsonb":
                import.Write((string)value, NpgsqlDbType.Jsonb);
                break;
            case "bytea":
                import.Write((byte[])value, NpgsqlDbType.Bytea);
                break;
            case "timestamp with time zone":
                import.Write((DateTime)value, NpgsqlDbType.TimestampTz);
                break;
            case "text[]":
                import.Write((string[])value, NpgsqlDbType.Array | NpgsqlDbType.Text);
                break;
            default:
                throw new NotSupportedException($"The column {Name} has the type {Type}, which benchmarks can not write yet.");
        }
    }
}
