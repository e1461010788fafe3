using FleetManager.Data.Events;
using FleetManager.Data.Images;
using FleetManager.Data.Postgres;
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
        services.AddDbContextFactory<SqliteFleetDb>(o => o.UseSqlite(connection).AddInterceptors(new SqlitePragmas()));
        services.AddSingleton<IDbContextFactory<FleetDb>, FleetDbFactory<SqliteFleetDb>>();
        services.AddSingleton(_ => new WriteGate(serial: true));
        services.AddSingleton<IEventWriter>(s => new SqliteEventWriter(connection, s.GetRequiredService<WriteGate>()));
        services.AddSingleton<ImageWriter>();
        return services;
    }

    /// <summary>A PostgreSQL database.</summary>
    public static IServiceCollection AddPostgresFleetDb(this IServiceCollection services, string connection)
    {
        services.AddNpgsqlDataSource(connection);
        services.AddDbContextFactory<PostgresFleetDb>((s, o) => o.UseNpgsql(s.GetRequiredService<Npgsql.NpgsqlDataSource>()));
        services.AddSingleton<IDbContextFactory<FleetDb>, FleetDbFactory<PostgresFleetDb>>();
        services.AddSingleton(_ => new WriteGate(serial: false));
        services.AddSingleton<IEventWriter, PostgresEventWriter>();
        services.AddSingleton<ImageWriter>();
        return services;
    }
}
