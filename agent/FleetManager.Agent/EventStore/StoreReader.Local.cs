using System.Text;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>What the local API reads.</summary>
internal sealed partial class StoreReader
{
    private const string Json = "CAST(body AS TEXT)";

    // The trailing Z would sort "05Z" behind "05.1Z".
    private const string Time = $"rtrim({Json} ->> '$.timestamp', 'Z')";

    /// <summary>Events of a span that pass a filter, newest first, until there are enough or they are too large together; at least one if there is any.</summary>
    public List<NumberedEvent> Matching(EventFilter filter, SeqRange span, int limit, long maxBytes)
    {
        using var sql = Open();
        var (where, values) = Where(filter, span);
        using var rows = sql.Query($"SELECT {Columns} FROM events WHERE {where} ORDER BY seq DESC LIMIT ${values.Count + 1}", [.. values, limit]);
        var (events, bytes) = (new List<NumberedEvent>(), 0L);
        while (bytes < maxBytes && rows.Read())
        {
            // One that is damaged is declared lost when it is its turn to be sent.
            if (TryEvent(rows) is { } whole)
            {
                events.Add(whole);
                bytes += whole.Event.OwnBytes;
            }
        }

        return events;
    }

    public long CountMatching(EventFilter filter, SeqRange span)
    {
        using var sql = Open();
        var (where, values) = Where(filter, span);
        return sql.Number($"SELECT count(*) FROM events WHERE {where}", [.. values]);
    }

    /// <summary>The event or, as number 0, the draft of that id.</summary>
    public NumberedEvent? Find(string id)
    {
        using var sql = Open();
        using var rows = sql.Query(
            $"SELECT {Columns} FROM events WHERE id = $1 UNION ALL SELECT 0, id, use_case, device, body, images, bytes, received_at, NULL FROM drafts WHERE id = $1", id);
        return rows.Read() ? TryEvent(rows) : null;
    }

    /// <summary>Drafts behind one, oldest first.</summary>
    public List<NumberedEvent> Drafts(long afterTime, string afterId, int limit)
    {
        using var sql = Open();
        using var rows = sql.Query(
            "SELECT 0, id, use_case, device, body, images, bytes, received_at, NULL FROM drafts WHERE (received_at, id) > ($1, $2) ORDER BY received_at, id LIMIT $3", afterTime, afterId, limit);
        var drafts = new List<NumberedEvent>();
        while (rows.Read())
        {
            if (TryEvent(rows) is { } whole)
            {
                drafts.Add(whole);
            }
        }

        return drafts;
    }

    public DateTimeOffset? OldestDraft()
    {
        using var sql = Open();
        return sql.Scalar("SELECT min(received_at) FROM drafts") is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <summary>Parked events behind a number, in order.</summary>
    public List<ParkedEvent> Parked(string? code, long after, int limit)
    {
        using var sql = Open();
        using var rows = sql.Query(
            "SELECT seq, id, code, message, at FROM parked JOIN events USING (seq) WHERE seq > $1 AND ($2 IS NULL OR code = $2) ORDER BY seq LIMIT $3", after, code, limit);
        var parked = new List<ParkedEvent>();
        while (rows.Read())
        {
            parked.Add(new ParkedEvent(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(4))));
        }

        return parked;
    }

    private static (string Where, List<object?> Values) Where(EventFilter filter, SeqRange span)
    {
        var where = new StringBuilder("seq BETWEEN $1 AND $2");
        var values = new List<object?> { span.From, span.Through };
        Add("use_case =", filter.Solution);
        Add("device =", filter.Device);
        Add($"{Json} ->> '$.eventType' =", filter.Schema);
        Add($"{Json} ->> '$.streamId' =", filter.Stream);
        Add($"{Json} ->> '$.workflowId' =", filter.Workflow);
        Add($"{Json} ->> '$.eventData.externalId' =", filter.ExternalId);
        Add($"{Time} >=", filter.From?.TrimEnd('Z'));
        Add($"{Time} <", filter.To?.TrimEnd('Z'));
        return (where.ToString(), values);

        void Add(string comparison, string? value)
        {
            if (value is not null)
            {
                values.Add(value);
                where.Append(System.Globalization.CultureInfo.InvariantCulture, $" AND {comparison} ${values.Count}");
            }
        }
    }
}

/// <summary>An event that the server refused for good, and why.</summary>
internal sealed record ParkedEvent(long Seq, string Id, string Code, string Message, DateTimeOffset At);
