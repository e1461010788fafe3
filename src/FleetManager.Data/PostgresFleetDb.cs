using System.Data;
using System.Linq.Expressions;
using FleetManager.Data.Events;
using FleetManager.Data.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL.Query.Expressions.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Storage.Internal.Mapping;

namespace FleetManager.Data;

/// <summary>The database of larger fleets. JSON is <c>jsonb</c>, so that filters on metadata have an index.</summary>
public sealed class PostgresFleetDb(DbContextOptions<PostgresFleetDb> options) : FleetDb(options)
{
    private static readonly RelationalTypeMapping s_jsonPath = new StringTypeMapping("jsonpath", DbType.String);

    public override bool JudgesColumnsApart => true;

    public override string Express(JsonCondition condition) => JsonPath.Of(condition);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            if (property.FindAnnotation(JsonColumn.Annotation) is not null)
            {
                property.SetColumnType("jsonb");
            }
        }

        // The operator, not the function: only the operator has an index. EF has no public way to say it.
#pragma warning disable EF1001
        JsonFunctions.Map(modelBuilder, arguments => new PgUnknownBinaryExpression(
            arguments[0], new SqlUnaryExpression(ExpressionType.Convert, arguments[1], typeof(string), s_jsonPath), "@@", typeof(bool), NpgsqlBoolTypeMapping.Default));
#pragma warning restore EF1001

        // Ids and words are compared by code points, as everywhere else; it is also the fastest order to keep an index in.
        foreach (var property in modelBuilder.Entity<VisionEvent>().Metadata.GetProperties().Where(p => p.ClrType == typeof(string) && p.FindAnnotation(JsonColumn.Annotation) is null))
        {
            property.SetCollation("C");
        }

        // One index for every metadata key and every class costs what one expression index for one key costs; fastupdate stays on
        // (3 x the ingest rate).
        modelBuilder.Entity<VisionEvent>()
            .HasIndex(e => new { e.CustomMetadata, e.Classes })
            .HasMethod("gin")
            .HasOperators("jsonb_path_ops", "jsonb_path_ops");

        // A fifth of a large table may be dead by default before anybody cleans up; here a fiftieth, which retention makes in minutes. Statistics
        // likewise: plans depend on them. Queues are nearly empty and always full of dead rows.
        modelBuilder.Entity<Events.VisionEvent>()
            .HasStorageParameter("autovacuum_vacuum_scale_factor", 0.02)
            .HasStorageParameter("autovacuum_vacuum_insert_scale_factor", 0.05)
            .HasStorageParameter("autovacuum_analyze_scale_factor", 0.02);
        AsQueue(modelBuilder.Entity<Events.TouchedHour>());
        AsQueue(modelBuilder.Entity<Rollups.TouchedDay>());
    }

    private static void AsQueue<T>(EntityTypeBuilder<T> table)
        where T : class =>
        table.HasStorageParameter("autovacuum_vacuum_scale_factor", 0).HasStorageParameter("autovacuum_vacuum_threshold", 1000);
}
