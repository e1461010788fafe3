using FleetManager.Data.Events;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>The statements that write one event. Times are UTC ticks, as <see cref="SqliteFleetDb"/> reads them.</summary>
internal sealed class SqliteEventCommands(SqliteConnection connection) : IDisposable
{
    private const int Columns = EventSql.ColumnCount;

    private static readonly string s_parameters = string.Join(", ", Enumerable.Range(1, Columns).Select(i => $"${i}"));

    private readonly HashSet<(int UseCaseKey, long Hour)> _touched = [];

    private readonly SqliteStatement _insert = new(
        connection,
        $"INSERT INTO events ({EventSql.Columns}) VALUES ({s_parameters}) ON CONFLICT (workspace_id, event_id) DO NOTHING",
        Columns);

    private readonly SqliteStatement _find = new(
        connection,
        "SELECT key, origin_key, content_hash, use_case_key, timestamp FROM events WHERE workspace_id = $1 AND event_id = $2",
        2);

    private readonly SqliteStatement _update = new(
        connection,
        $"""
        UPDATE events SET {EventSql.Assignments("new.", "events.")}
        FROM (SELECT {Named()}) AS new WHERE events.key = ${Columns + 1}
        """,
        Columns + 1);

    private readonly SqliteStatement _touch = new(connection, "INSERT INTO touched_hours (use_case_key, hour) VALUES ($1, $2)", 2);

    private readonly SqliteStatement _note = new(
        connection,
        """
        INSERT INTO metadata_fields (use_case_key, of_image, name, type, last_seen) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (use_case_key, of_image, name, type) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)
        """,
        5);

    public void Join(SqliteTransaction transaction)
    {
        _insert.Transaction = _find.Transaction = _update.Transaction = _touch.Transaction = _note.Transaction = transaction;
        _touched.Clear();
    }

    public WriteResult Write(VisionEvent row)
    {
        var values = ValuesOf(row);
        if (_insert.Execute(values) == 1)
        {
            Touch(row.UseCaseKey, row.Timestamp.UtcTicks);
            return WriteResult.Created;
        }

        long key;
        int? origin;
        byte[] hash;
        (int UseCaseKey, long Timestamp) previous;
        using (var reader = _find.Read(row.WorkspaceId, row.EventId))
        {
            reader.Read();
            (key, origin, hash) = (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
            previous = (reader.GetInt32(3), reader.GetInt64(4));
        }

        if (row.OriginKey is { } device && device != origin)
        {
            return WriteResult.Foreign;
        }

        if (!hash.AsSpan().SequenceEqual(row.ContentHash))
        {
            _update.Execute([.. values, key]);
            Touch(row.UseCaseKey, row.Timestamp.UtcTicks);
            Touch(previous.UseCaseKey, previous.Timestamp);
        }

        return WriteResult.Replaced;
    }

    /// <summary>The last of a transaction: what has to be counted anew, and which metadata fields are new.</summary>
    public void Note(IEnumerable<MetadataField> fields)
    {
        foreach (var (useCase, hour) in _touched)
        {
            _touch.Execute(useCase, hour);
        }

        foreach (var field in fields)
        {
            _note.Execute(field.UseCaseKey, field.OfImage, field.Name, (int)field.Type, field.LastSeen.UtcTicks);
        }
    }

    public void Dispose()
    {
        _insert.Dispose();
        _find.Dispose();
        _update.Dispose();
        _touch.Dispose();
        _note.Dispose();
    }

    private void Touch(int useCaseKey, long ticks) => _touched.Add((useCaseKey, ticks - (ticks % TimeSpan.TicksPerHour)));

    private static object?[] ValuesOf(VisionEvent row) =>
    [
        row.WorkspaceId, row.EventId, row.UseCaseKey, row.EventType, row.Timestamp.UtcTicks, row.ReceivedAt.UtcTicks, row.DeviceId, row.StreamId,
        row.WorkflowId, row.OriginKey, row.EventData, row.Images, row.DisplayImagePosition, row.CustomMetadata, row.Comment, row.Extra, row.Warnings,
        row.ContentHash, row.ExternalId, row.RelatedEventId, row.Feedback, row.Reviewer, row.ImageCount, row.Classes, row.ImageMetadata,
    ];

    private static string Named() => string.Join(", ", EventSql.Columns.Split(',').Select((column, i) => $"${i + 1} AS {column.Trim()}"));
}
