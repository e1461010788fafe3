using FleetManager.Data.Events;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>The statements that write one event. Times are UTC ticks, as <see cref="SqliteFleetDb"/> reads them.</summary>
internal sealed class SqliteEventCommands(SqliteConnection connection) : IDisposable
{
    private const int Columns = 18;

    private static readonly string s_parameters = string.Join(", ", Enumerable.Range(1, Columns).Select(i => $"${i}"));

    private readonly SqliteStatement _insert = new(
        connection,
        $"INSERT INTO events ({EventSql.Columns}) VALUES ({s_parameters}) ON CONFLICT (workspace_id, event_id) DO NOTHING",
        Columns);

    private readonly SqliteStatement _find = new(
        connection,
        "SELECT key, origin_key, content_hash FROM events WHERE workspace_id = $1 AND event_id = $2",
        2);

    private readonly SqliteStatement _update = new(
        connection,
        $"""
        UPDATE events SET {EventSql.Assignments("new.")}
        FROM (SELECT {Named()}) AS new WHERE events.key = ${Columns + 1}
        """,
        Columns + 1);

    public void Join(SqliteTransaction transaction) => _insert.Transaction = _find.Transaction = _update.Transaction = transaction;

    public WriteResult Write(VisionEvent row)
    {
        var values = ValuesOf(row);
        if (_insert.Execute(values) == 1)
        {
            return WriteResult.Created;
        }

        long key;
        int? origin;
        byte[] hash;
        using (var reader = _find.Read(row.WorkspaceId, row.EventId))
        {
            reader.Read();
            (key, origin, hash) = (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
        }

        if (row.OriginKey is { } device && device != origin)
        {
            return WriteResult.Foreign;
        }

        if (!hash.AsSpan().SequenceEqual(row.ContentHash))
        {
            _update.Execute([.. values, key]);
        }

        return WriteResult.Replaced;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _find.Dispose();
        _update.Dispose();
    }

    private static object?[] ValuesOf(VisionEvent row) =>
    [
        row.WorkspaceId, row.EventId, row.UseCaseKey, row.EventType, row.Timestamp.UtcTicks, row.ReceivedAt.UtcTicks, row.DeviceId, row.StreamId,
        row.WorkflowId, row.OriginKey, row.EventData, row.Images, row.DisplayImagePosition, row.CustomMetadata, row.Comment, row.Extra, row.Warnings,
        row.ContentHash,
    ];

    private static string Named() => string.Join(", ", EventSql.Columns.Split(',').Select((column, i) => $"${i + 1} AS {column.Trim()}"));
}
