using FleetManager.Data.Events;
using FleetManager.Data.Images;
using FleetManager.Data.Postgres;
using FleetManager.Data.Rollups;
using FleetManager.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Data.Setup;

/// <summary>Registers the database. Consumers take <see cref="IDbContextFactory{FleetDb}"/>.</summary>
public static class DataSetup
{
    /// <summary>A SQLite file at <paramref name="path"/>.</summary>
    public static IServiceCollection AddSqliteFleetDb(this IServiceCollection services, string path)
    {
        // Private cache: a shared one turns "busy" into "locked", which no timeout covers.
        var connection = $"Data Source={path};Cache=Private";
        services.AddPooledDbContextFactory<SqliteFleetDb>(o => o.UseSqlite(connection, s => s.UseParameterizedCollectionMode(ParameterTranslationMode.Parameter)).AddInterceptors(new SqlitePragmas()));
        services.AddSingleton<IDbContextFactory<FleetDb>, FleetDbFactory<SqliteFleetDb>>();
        services.AddSingleton(_ => new WriteGate(serial: true));
        services.AddSingleton(s => new SqliteWriteGate(connection, s.GetRequiredService<WriteGate>()));
        services.AddSingleton<IEventWriter, SqliteEventWriter>();
        services.AddSingleton<IHourRollup, SqliteHourRollup>();
        services.AddSingleton<IFacetRollup, SqliteFacetRollup>();
        services.AddSingleton<IEventCounts, SqliteCounts>();
        services.AddSingleton<IEventRetention, SqliteRetention>();
        services.AddSingleton<ImageWriter>();
        return services;
    }

    /// <summary>A PostgreSQL database.</summary>
    public static IServiceCollection AddPostgresFleetDb(this IServiceCollection services, string connection)
    {
        // Nothing here leaves a setting behind in a session, so that none has to be put back before each use.
        services.AddNpgsqlDataSource(connection, b => b.ConnectionStringBuilder.NoResetOnClose = true);
        services.AddPooledDbContextFactory<PostgresFleetDb>((s, o) => o.UseNpgsql(s.GetRequiredService<Npgsql.NpgsqlDataSource>(), n => n.UseParameterizedCollectionMode(ParameterTranslationMode.Parameter)));
        services.AddSingleton<IDbContextFactory<FleetDb>, FleetDbFactory<PostgresFleetDb>>();
        services.AddSingleton(_ => new WriteGate(serial: false));
        services.AddSingleton<IEventWriter, PostgresEventWriter>();
        services.AddSingleton<IHourRollup, PostgresHourRollup>();
        services.AddSingleton<IFacetRollup, PostgresFacetRollup>();
        services.AddSingleton<IEventCounts, PostgresCounts>();
        services.AddSingleton<IEventRetention, PostgresRetention>();
        services.AddSingleton<ImageWriter>();
        return services;
    }
}
