using System.Text.Json;
using FleetManager.Data.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SQLitePCL;

namespace FleetManager.Data;

/// <summary>
/// The zero-set-up database. Times are stored as UTC ticks: SQLite has no time type, and EF refuses to compare its text form.
/// </summary>
public sealed class SqliteFleetDb(DbContextOptions<SqliteFleetDb> options) : FleetDb(options)
{
    /// <summary>Steps of SQLite's machine between two looks at the token: well under a millisecond.</summary>
    private const int Steps = 10_000;

    /// <summary>It has no index on JSON, and walks in any case.</summary>
    public override bool JudgesColumnsApart => false;

    public override string Express(JsonCondition condition) => JsonSerializer.Serialize(condition, JsonConditionJson.Default.JsonCondition);

    /// <summary>The provider reads synchronously and never looks at a token; SQLite itself is made to.</summary>
    public override async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        var connection = ((SqliteConnection)Database.GetDbConnection()).Handle!;
        raw.sqlite3_progress_handler(connection, Steps, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null!);
        try
        {
            return await read();
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(fault.Message, fault, cancellationToken);
        }
        finally
        {
            raw.sqlite3_progress_handler(connection, 0, null!, null!);
            await Database.CloseConnectionAsync();
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        JsonFunctions.Map(modelBuilder, arguments => new SqlFunctionExpression(
            SqliteJsonFunction.Name, arguments, nullable: true, arguments.Select(_ => true), typeof(bool), null));
    }

    private sealed class UtcTicksConverter()
        : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
