using FleetManager.Data.Events;
using Npgsql;
using NpgsqlTypes;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Writes events that are not there yet by COPY, which costs the database three quarters of what the statement costs that looks for each. An id
/// that somebody else writes at this moment fails it (<see cref="PostgresErrorCodes.UniqueViolation"/>), and with it the transaction.
/// </summary>
internal static class PostgresEventCopy
{
    private const string Touch = "INSERT INTO touched_hours (use_case_key, hour) SELECT * FROM unnest($1, $2)";

    private static readonly string s_copy = $"COPY events ({EventSql.Columns}) FROM STDIN (FORMAT BINARY)";

    public static async Task WriteAsync(NpgsqlConnection connection, List<EventGroup.Entry> entries, CancellationToken cancellationToken)
    {
        await using (var import = await connection.BeginBinaryImportAsync(s_copy, cancellationToken))
        {
            foreach (var entry in entries)
            {
                await WriteAsync(import, entry.Event, cancellationToken);
            }

            await import.CompleteAsync(cancellationToken);
        }

        var hours = entries.Select(e => (e.Event.UseCaseKey, Hour: e.Event.Timestamp.AddTicks(-(e.Event.Timestamp.UtcTicks % TimeSpan.TicksPerHour)))).Distinct().ToList();
        await using var touch = new NpgsqlCommand(Touch, connection)
        {
            Parameters = { PostgresSql.Array(hours.Select(h => h.UseCaseKey)), PostgresSql.Array(hours.Select(h => h.Hour)) },
        };
        await touch.PrepareAsync(cancellationToken);
        await touch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>In the order of <see cref="EventSql.Columns"/>.</summary>
    private static async Task WriteAsync(NpgsqlBinaryImporter import, VisionEvent row, CancellationToken cancellationToken)
    {
        await import.StartRowAsync(cancellationToken);
        await import.WriteAsync(row.WorkspaceId, NpgsqlDbType.Integer, cancellationToken);
        await TextAsync(row.EventId);
        await import.WriteAsync(row.UseCaseKey, NpgsqlDbType.Integer, cancellationToken);
        await TextAsync(row.EventType);
        await import.WriteAsync(row.Timestamp, NpgsqlDbType.TimestampTz, cancellationToken);
        await import.WriteAsync(row.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
        await TextAsync(row.DeviceId);
        await TextAsync(row.StreamId);
        await TextAsync(row.WorkflowId);
        await NumberAsync(row.OriginKey);
        await JsonAsync(row.EventData);
        await JsonAsync(row.Images);
        await NumberAsync(row.DisplayImagePosition);
        await JsonAsync(row.CustomMetadata);
        await TextAsync(row.Comment);
        await JsonAsync(row.Extra);
        await JsonAsync(row.Warnings);
        await import.WriteAsync(row.ContentHash, NpgsqlDbType.Bytea, cancellationToken);
        await TextAsync(row.ExternalId);
        await TextAsync(row.RelatedEventId);
        await TextAsync(row.Feedback);
        await TextAsync(row.Reviewer);
        await import.WriteAsync(row.ImageCount, NpgsqlDbType.Integer, cancellationToken);
        await JsonAsync(row.Classes);
        await JsonAsync(row.ImageMetadata);

        Task TextAsync(string? text) =>
            text is null ? import.WriteNullAsync(cancellationToken) : import.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);

        Task JsonAsync(string? json) =>
            json is null ? import.WriteNullAsync(cancellationToken) : import.WriteAsync(json, NpgsqlDbType.Jsonb, cancellationToken);

        Task NumberAsync(int? number) =>
            number is { } value ? import.WriteAsync(value, NpgsqlDbType.Integer, cancellationToken) : import.WriteNullAsync(cancellationToken);
    }
}
