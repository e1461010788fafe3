using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetManager.Data.Sqlite;

/// <summary>
/// Gives a connection the function behind <see cref="JsonFunctions.Matches"/>. It sees the bytes that SQLite holds, without a copy: every row that
/// a query walks over calls it.
/// </summary>
internal static class SqliteJsonFunction
{
    public const string Name = "fleet_matches";
    private const int Remembered = 32;

    public static void Register(SqliteConnection connection) => raw.sqlite3_create_function(
        connection.Handle!, Name, 2, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, new List<(byte[], JsonMatcher)>(), Call);

    private static void Call(sqlite3_context context, object known, sqlite3_value[] arguments)
    {
        if (raw.sqlite3_value_type(arguments[0]) == raw.SQLITE_NULL)
        {
            raw.sqlite3_result_null(context);
            return;
        }

        try
        {
            var matcher = MatcherOf((List<(byte[], JsonMatcher)>)known, raw.sqlite3_value_blob(arguments[1]));
            raw.sqlite3_result_int(context, matcher.Matches(raw.sqlite3_value_blob(arguments[0])) ? 1 : 0);
        }
        catch (Exception fault)
        {
            // Nothing may be thrown through SQLite: it would end the process.
            raw.sqlite3_result_error(context, fault.Message);
        }
    }

    /// <summary>A connection runs few conditions, each over many rows: it is read once.</summary>
    private static JsonMatcher MatcherOf(List<(byte[] Text, JsonMatcher Matcher)> known, ReadOnlySpan<byte> condition)
    {
        foreach (var (text, matcher) in known)
        {
            if (condition.SequenceEqual(text))
            {
                return matcher;
            }
        }

        if (known.Count == Remembered)
        {
            known.Clear();
        }

        var read = new JsonMatcher(JsonSerializer.Deserialize(condition, JsonConditionJson.Default.JsonCondition)!);
        known.Add((condition.ToArray(), read));
        return read;
    }
}
