using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data;

/// <summary>The database of larger fleets. JSON is <c>jsonb</c>, so that filters on metadata have an index.</summary>
public sealed class PostgresFleetDb(DbContextOptions<PostgresFleetDb> options) : FleetDb(options)
{
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

        JsonFunctions.Map(modelBuilder, arguments => JsonFunctions.Call("jsonb_extract_path_text", arguments));

        // Devices that were there before tags were need some.
        modelBuilder.Entity<Devices.Device>().Property(d => d.Tags).HasDefaultValueSql("'{}'");

        // One index for every metadata key and every class costs what one expression index for one key costs; fastupdate stays on
        // (3 x the ingest rate).
        modelBuilder.Entity<Events.VisionEvent>()
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
