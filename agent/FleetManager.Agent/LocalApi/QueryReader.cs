using System.Globalization;

namespace FleetManager.Agent.LocalApi;

/// <summary>Reads the query of a request. A parameter that is not known is a fault: one that is misspelt would find everything instead of nothing.</summary>
internal sealed class QueryReader
{
    private const int MaxLength = 1000;
    private readonly IQueryCollection _query;

    public QueryReader(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        _query = query;
        foreach (var key in query.Keys)
        {
            if (!known.Contains(key) && key != LocalGuard.QueryKey)
            {
                Fail($"the parameter {key} is not known here; there are {string.Join(", ", known.ToArray())}");
            }
        }
    }

    public EventFault? Fault { get; private set; }

    public void Fail(string detail) => Fault ??= new EventFault(StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>A text; null when it is not there or empty.</summary>
    public string? Text(string key)
    {
        var values = _query[key];
        if (values.Count > 1 || values.ToString().Length > MaxLength)
        {
            Fail($"{key} must be there once, with at most {MaxLength} characters");
            return null;
        }

        return values.ToString() is { Length: > 0 } text ? text : null;
    }

    public int Limit(int byDefault, int most)
    {
        if (Text("limit") is not { } text)
        {
            return byDefault;
        }

        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var limit) || limit < 1 || limit > most)
        {
            Fail($"limit must be a whole number from 1 to {most}");
        }

        return limit;
    }

    /// <summary>The number that an earlier answer gave as <c>next_cursor</c>.</summary>
    public long Cursor(long byDefault)
    {
        if (Text("cursor") is not { } text)
        {
            return byDefault;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor))
        {
            Fail("cursor must be the next_cursor of an earlier answer");
        }

        return cursor;
    }

    /// <summary>A time in the journal's form.</summary>
    public string? Time(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (!EventTimes.TryRead(text, out var time))
        {
            Fail($"{key} must be an ISO 8601 time, such as 2026-03-30T14:30:00Z");
        }

        return time;
    }
}
