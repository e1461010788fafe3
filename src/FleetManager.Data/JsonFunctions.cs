using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace FleetManager.Data;

/// <summary>What queries may ask of JSON columns; each database says it in its own words.</summary>
public static class JsonFunctions
{
    /// <summary>
    /// Whether a JSON column meets a <see cref="JsonCondition"/>, given as <see cref="FleetDb.Express"/> writes it; null when there is no JSON.
    /// Only inside queries.
    /// </summary>
    public static bool? Matches(string? json, string condition) => throw new InvalidOperationException("Only inside queries.");

    internal static void Map(ModelBuilder model, Func<IReadOnlyList<SqlExpression>, SqlExpression> matches) =>
        model.HasDbFunction(typeof(JsonFunctions).GetMethod(nameof(Matches))!).HasTranslation(matches);
}
