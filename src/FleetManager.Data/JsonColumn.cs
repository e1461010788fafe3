using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data;

/// <summary>Marks a text property that holds JSON: <c>jsonb</c> on PostgreSQL, text on SQLite.</summary>
internal static class JsonColumn
{
    public const string Annotation = "Fleet:Json";

    public static PropertyBuilder<string> IsJson(this PropertyBuilder<string> property) => property.HasAnnotation(Annotation, true);

    public static PropertyBuilder<string?> IsJsonOrNull(this PropertyBuilder<string?> property) => property.HasAnnotation(Annotation, true);
}
