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

    /// <summary>Typed, so that the load costs little.</summary>
    public void Write(NpgsqlBinaryImporter import, object? value)
    {
        switch (value)
        {
            case null:
                import.WriteNull();
                break;
            case string text:
                import.Write(text, Type == "jsonb" ? NpgsqlDbType.Jsonb : NpgsqlDbType.Text);
                break;
            case int number:
                import.Write(number, NpgsqlDbType.Integer);
                break;
            case DateTime time:
                import.Write(time, NpgsqlDbType.TimestampTz);
                break;
            case byte[] bytes:
                import.Write(bytes, NpgsqlDbType.Bytea);
                break;
            default:
                import.Write(value, Type);
                break;
        }
    }

    /// <summary>The values as one array; null when all of them are.</summary>
    public NpgsqlParameter? ArrayOf(IReadOnlyList<object?> values)
    {
        if (values.FirstOrDefault(v => v is not null)?.GetType() is not { } type)
        {
            return null;
        }

        var array = Array.CreateInstance(type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type, values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            array.SetValue(values[i], i);
        }

        return new NpgsqlParameter { Value = array, DataTypeName = $"{Type}[]" };
    }
}
