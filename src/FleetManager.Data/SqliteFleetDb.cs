using System.Data;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace FleetManager.Data;

/// <summary>
/// The zero-set-up database. Times are stored as UTC ticks: SQLite has no time type, and EF refuses to compare its text form.
/// </summary>
public sealed class SqliteFleetDb(DbContextOptions<SqliteFleetDb> options) : FleetDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        var text = new StringTypeMapping("TEXT", DbType.String);
        JsonFunctions.Map(modelBuilder, arguments => JsonFunctions.Call(
            "json_extract",
            arguments[0],
            new SqlBinaryExpression(ExpressionType.Add, new SqlConstantExpression("$.", text), arguments[1], typeof(string), text)));
    }

    private sealed class UtcTicksConverter()
        : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
