using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using Npgsql;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Writes events that are not there yet by COPY, which costs the database three quarters of what the statement costs that looks for each. An id
/// that somebody else writes at this moment fails it (<see cref="PostgresErrorCodes.UniqueViolation"/>), and with it the transaction.
/// </summary>
internal static class PostgresEventCopy
{
    /// <summary>Bytes that are sent at once: the database works on them while the next are written.</summary>
    private const int Chunk = 128 * 1024;

    private const string Touch = "INSERT INTO touched_hours (use_case_key, hour) SELECT * FROM unnest($1, $2)";

    private static readonly string s_copy = $"COPY events ({EventSql.Columns}) FROM STDIN (FORMAT BINARY)";

    public static async Task WriteAsync(NpgsqlConnection connection, List<EventGroup.Entry> entries, CancellationToken cancellationToken)
    {
        using var rows = new CopyRows();
        await using (var copy = await connection.BeginRawBinaryCopyAsync(s_copy, cancellationToken))
        {
            foreach (var entry in entries)
            {
                Add(rows, entry.Event);
                if (rows.Length > Chunk)
                {
                    await copy.WriteAsync(rows.Bytes, cancellationToken);
                    rows.Clear();
                }
            }

            rows.End();
            await copy.WriteAsync(rows.Bytes, cancellationToken);
        }

        var hours = entries.Select(e => (e.Event.UseCaseKey, Hour: CountRange.Floor(e.Event.Timestamp, TimeSpan.FromHours(1)))).Distinct().ToList();
        await using var touch = new NpgsqlCommand(Touch, connection)
        {
            Parameters = { PostgresSql.Array(hours.Select(h => h.UseCaseKey)), PostgresSql.Array(hours.Select(h => h.Hour)) },
        };
        await touch.PrepareAsync(cancellationToken);
        await touch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>In the order of <see cref="EventSql.Columns"/>.</summary>
    private static void Add(CopyRows rows, VisionEvent row)
    {
        rows.Begin(EventSql.ColumnCount);
        rows.Number(row.WorkspaceId);
        rows.Text(row.EventId);
        rows.Number(row.UseCaseKey);
        rows.Text(row.EventType);
        rows.Time(row.Timestamp);
        rows.Time(row.ReceivedAt);
        rows.Text(row.DeviceId);
        rows.Text(row.StreamId);
        rows.Text(row.WorkflowId);
        rows.Number(row.OriginKey);
        rows.Json(row.EventData);
        rows.Json(row.Images);
        rows.Number(row.DisplayImagePosition);
        rows.Json(row.CustomMetadata);
        rows.Text(row.Comment);
        rows.Json(row.Extra);
        rows.Json(row.Warnings);
        rows.Binary(row.ContentHash);
        rows.Text(row.ExternalId);
        rows.Text(row.RelatedEventId);
        rows.Text(row.Feedback);
        rows.Text(row.Reviewer);
        rows.Number(row.ImageCount);
        rows.Json(row.Classes);
        rows.Json(row.ImageMetadata);
    }
}
