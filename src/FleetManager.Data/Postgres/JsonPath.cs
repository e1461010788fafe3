using FleetManager.Data.Events;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Writes a condition as a <c>jsonpath</c> predicate. One predicate carries all tests, so that the planner sees how rare they are together: pairs
/// of common values that never meet are found by the index, not by walking every event. Names and values are JSON strings and numbers inside a
/// parameter; nothing of them is ever SQL.
/// </summary>
internal static class JsonPath
{
    public static string Of(JsonCondition condition)
    {
        var tests = string.Join(" && ", condition.All.Select(Of));
        return condition.Lists is { } lists
            ? string.Join(" || ", lists.Select(list => $"exists($[*].{JsonText.Quote(list)}[*] ? ({tests}))"))
            : $"exists($[*] ? ({tests}))";
    }

    private static string Of(JsonTest test)
    {
        var value = test.Member is { } member ? $"@.{JsonText.Quote(member)}" : "@";
        return test.Operator switch
        {
            JsonOperator.In => $"({string.Join(" || ", test.Values.Select(v => $"{value} == {v.ToJson()}"))})",
            JsonOperator.Greater => $"{value} > {test.Values[0].ToJson()}",
            JsonOperator.AtLeast => $"{value} >= {test.Values[0].ToJson()}",
            JsonOperator.Less => $"{value} < {test.Values[0].ToJson()}",
            JsonOperator.AtMost => $"{value} <= {test.Values[0].ToJson()}",
            // q: the pattern is a plain text.
            JsonOperator.Contains => $"{value} like_regex {test.Values[0].ToJson()} flag \"q\"",
            _ => test.Type is { } type ? $"{value}.type() == \"{type.Word()}\"" : $"{value}.type() != \"null\"",
        };
    }
}
