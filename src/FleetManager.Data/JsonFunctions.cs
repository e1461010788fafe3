using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace FleetManager.Data;

/// <summary>What queries may ask of JSON columns; each database says it in its own words.</summary>
public static class JsonFunctions
{
    /// <summary>Text of a top-level member of a JSON object; null when there is none. Only inside queries.</summary>
    public static string? MemberText(string? json, string member) => throw new InvalidOperationException("Only inside queries.");

    internal static void Map(ModelBuilder model, Func<IReadOnlyList<SqlExpression>, SqlExpression> memberText) =>
        model.HasDbFunction(typeof(JsonFunctions).GetMethod(nameof(MemberText))!).HasTranslation(memberText);

    internal static SqlFunctionExpression Call(string function, params IReadOnlyList<SqlExpression> arguments) =>
        new(function, arguments, nullable: true, arguments.Select(_ => true), typeof(string), null);
}
