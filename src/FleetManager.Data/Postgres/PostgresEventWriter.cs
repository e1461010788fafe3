using FleetManager.Data.Events;
using Npgsql;
using NpgsqlTypes;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Writes a group in one statement over arrays, a large one by COPY. Two groups under way at once keep the database busy while the server parses; more of
/// them only add latency.
/// </summary>
internal sealed class PostgresEventWriter(NpgsqlDataSource database) : IEventWriter
{
    /// <summary>Rows from which on a copy pays: it takes three trips more than the one statement.</summary>
    private const int CopyFrom = 50;

    /// <summary>For so long after a copy met an id that nobody here remembers, groups look before they copy: such ids come in crowds.</summary>
    private static readonly TimeSpan s_lookFor = TimeSpan.FromMinutes(1);

    private readonly RecentIds _recent = new();
    private long _lookUntil;

    public int Writers => 2;

    // A row that is not written is there already and was left alone: it says the same, or is not the sender's to overwrite.
    // xmax is 0 in a row version that nobody has locked yet: the statement locks what it finds, not what it makes.
    // When every row is new, which is nearly always, one line says so instead of one for each.
    private static readonly string s_upsert =
        $"""
        WITH written AS (
          INSERT INTO events AS e ({EventSql.Columns})
          SELECT * FROM unnest({string.Join(", ", Enumerable.Range(1, EventSql.ColumnCount).Select(i => $"${i}"))})
          ON CONFLICT (workspace_id, event_id) DO UPDATE SET {EventSql.Assignments("excluded.", "e.")}
          WHERE e.content_hash <> excluded.content_hash
            AND (excluded.origin_key IS NULL OR e.origin_key IS NOT DISTINCT FROM excluded.origin_key)
          RETURNING workspace_id, event_id, xmax = 0 AS created, use_case_key, timestamp, previous_use_case_key, previous_timestamp
        ), touched AS (
          INSERT INTO touched_hours (use_case_key, hour)
          SELECT use_case_key, date_bin('1 hour', timestamp, 'epoch') FROM written
          UNION
          SELECT previous_use_case_key, date_bin('1 hour', previous_timestamp, 'epoch') FROM written WHERE NOT created
        ), made AS (
          SELECT count(*) AS rows FROM written WHERE created
        )
        SELECT NULL, NULL, true FROM made WHERE rows = ${EventSql.ColumnCount + 1}
        UNION ALL
        SELECT workspace_id, event_id, created FROM written, made WHERE rows <> ${EventSql.ColumnCount + 1}
        """;

    private const string NoteFields =
        """
        INSERT INTO metadata_fields AS f (use_case_key, of_image, name, type, last_seen)
        SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (use_case_key, of_image, name, type) DO UPDATE SET last_seen = greatest(f.last_seen, excluded.last_seen)
        """;

    private const string FindOrigins =
        """
        SELECT e.workspace_id, e.event_id, e.origin_key
        FROM unnest($1, $2) AS asked (workspace_id, event_id) JOIN events e USING (workspace_id, event_id)
        """;

    public async Task<IReadOnlyList<WriteResult>> WriteAsync(IReadOnlyList<EventRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var group = new EventGroup(rows);
        if (rows.Count >= CopyFrom && group.Rounds.Count == 1)
        {
            try
            {
                return await WriteAsync(rows, group, CopyAsync, cancellationToken);
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // One of the ids was written long ago or elsewhere: the statement sorts it out.
                Interlocked.Exchange(ref _lookUntil, (rows[0].Event.ReceivedAt + s_lookFor).UtcTicks);
            }
        }

        return await WriteAsync(rows, group, WriteRoundAsync, cancellationToken);
    }

    private async Task<IReadOnlyList<WriteResult>> WriteAsync(
        IReadOnlyList<EventRow> rows,
        EventGroup group,
        Func<NpgsqlConnection, EventGroup, List<EventGroup.Entry>, CancellationToken, Task> writeAsync,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One statement is a transaction by itself; a larger one costs a trip more.
        var fields = group.Fields();
        await using var transaction = rows.Count >= CopyFrom || group.Rounds.Count > 1 || fields.Count > 0 || rows.Any(r => r.Store is not null)
            ? await connection.BeginTransactionAsync(cancellationToken)
            : null;
        foreach (var round in group.Rounds)
        {
            await writeAsync(connection, group, round, cancellationToken);
        }

        if (fields.Count > 0)
        {
            await NoteAsync(connection, fields, cancellationToken);
        }

        if (group.Receipts() is { Count: > 0 } receipts)
        {
            await PostgresReceipts.MergeAsync(connection, receipts, rows[0].Event.ReceivedAt, cancellationToken);
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        _recent.Add(rows);
        return group.Results;
    }

    /// <summary>Copies what is new and leaves to the statement what is there: repeats after a lost answer do not fail the copy of others.</summary>
    private async Task CopyAsync(NpgsqlConnection connection, EventGroup group, List<EventGroup.Entry> round, CancellationToken cancellationToken)
    {
        var known = round[0].Event.ReceivedAt.UtcTicks < Interlocked.Read(ref _lookUntil)
            ? (await FindOriginsAsync(connection, round.Select(e => (e.Event.WorkspaceId, e.Event.EventId)).ToList(), cancellationToken)).Keys.ToHashSet()
            : _recent.Known(round);
        var (repeats, made) = (new List<EventGroup.Entry>(known.Count), new List<EventGroup.Entry>(round.Count - known.Count));
        foreach (var entry in round)
        {
            (known.Contains((entry.Event.WorkspaceId, entry.Event.EventId)) ? repeats : made).Add(entry);
        }

        if (made.Count > 0)
        {
            await PostgresEventCopy.WriteAsync(connection, made, cancellationToken);
            made.ForEach(entry => group.Set(entry, WriteResult.Created));
        }

        if (repeats.Count > 0)
        {
            await WriteRoundAsync(connection, group, repeats, cancellationToken);
        }
    }

    private static async Task WriteRoundAsync(
        NpgsqlConnection connection,
        EventGroup group,
        List<EventGroup.Entry> round,
        CancellationToken cancellationToken)
    {
        Dictionary<(int WorkspaceId, string EventId), EventGroup.Entry> waiting;
        await using (var command = Upsert(connection, round))
        {
            await command.PrepareAsync(cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var any = await reader.ReadAsync(cancellationToken);
            if (any && reader.IsDBNull(0))
            {
                round.ForEach(entry => group.Set(entry, WriteResult.Created));
                return;
            }

            waiting = round.ToDictionary(e => (e.Event.WorkspaceId, e.Event.EventId));
            for (; any; any = await reader.ReadAsync(cancellationToken))
            {
                waiting.Remove((reader.GetInt32(0), reader.GetString(1)), out var entry);
                group.Set(entry, reader.GetBoolean(2) ? WriteResult.Created : WriteResult.Replaced);
            }
        }

        if (waiting.Count > 0)
        {
            await SettleUntouchedAsync(connection, group, waiting, cancellationToken);
        }
    }

    private static async Task SettleUntouchedAsync(
        NpgsqlConnection connection,
        EventGroup group,
        Dictionary<(int WorkspaceId, string EventId), EventGroup.Entry> waiting,
        CancellationToken cancellationToken)
    {
        foreach (var (key, origin) in await FindOriginsAsync(connection, waiting.Keys, cancellationToken))
        {
            var entry = waiting[key];
            var mayWrite = entry.Event.OriginKey is not { } device || device == origin;
            group.Set(entry, mayWrite ? WriteResult.Replaced : WriteResult.Foreign);
        }
    }

    /// <summary>Which of the events are there, and whose they are.</summary>
    private static async Task<Dictionary<(int WorkspaceId, string EventId), int?>> FindOriginsAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<(int WorkspaceId, string EventId)> ids,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindOrigins, connection)
        {
            Parameters = { Array(ids.Select(i => i.WorkspaceId)), Array(ids.Select(i => i.EventId)) },
        };
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var origins = new Dictionary<(int, string), int?>();
        while (await reader.ReadAsync(cancellationToken))
        {
            origins[(reader.GetInt32(0), reader.GetString(1))] = reader.IsDBNull(2) ? null : reader.GetInt32(2);
        }

        return origins;
    }

    private static async Task NoteAsync(NpgsqlConnection connection, List<MetadataField> fields, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NoteFields, connection)
        {
            Parameters =
            {
                Array(fields.Select(f => f.UseCaseKey)),
                Array(fields.Select(f => f.OfImage)),
                Array(fields.Select(f => f.Name)),
                Array(fields.Select(f => (int)f.Type)),
                Array(fields.Select(f => f.LastSeen)),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Upsert(NpgsqlConnection connection, List<EventGroup.Entry> round)
    {
        var events = round.ConvertAll(e => e.Event);
        return new NpgsqlCommand(s_upsert, connection)
        {
            Parameters =
            {
                Array(events.Select(e => e.WorkspaceId)),
                Array(events.Select(e => e.EventId)),
                Array(events.Select(e => e.UseCaseKey)),
                Array(events.Select(e => e.EventType)),
                Array(events.Select(e => e.Timestamp)),
                Array(events.Select(e => e.ReceivedAt)),
                Array(events.Select(e => e.DeviceId)),
                Array(events.Select(e => e.StreamId)),
                Array(events.Select(e => e.WorkflowId)),
                Array(events.Select(e => e.OriginKey)),
                JsonArray(events.Select(e => e.EventData)),
                JsonArray(events.Select(e => e.Images)),
                Array(events.Select(e => e.DisplayImagePosition)),
                JsonArray(events.Select(e => e.CustomMetadata)),
                Array(events.Select(e => e.Comment)),
                JsonArray(events.Select(e => e.Extra)),
                JsonArray(events.Select(e => e.Warnings)),
                Array(events.Select(e => e.ContentHash)),
                Array(events.Select(e => e.ExternalId)),
                Array(events.Select(e => e.RelatedEventId)),
                Array(events.Select(e => e.Feedback)),
                Array(events.Select(e => e.Reviewer)),
                Array(events.Select(e => e.ImageCount)),
                JsonArray(events.Select(e => e.Classes)),
                JsonArray(events.Select(e => e.ImageMetadata)),
                new NpgsqlParameter<int> { TypedValue = round.Count },
            },
        };
    }

    private static NpgsqlParameter<string?[]> JsonArray(IEnumerable<string?> values) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
}
