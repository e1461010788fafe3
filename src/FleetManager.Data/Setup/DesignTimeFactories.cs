using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FleetManager.Data.Setup;

/// <summary>Lets <c>dotnet ef</c> make the SQLite migrations without a server; the connection is never opened.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteFleetDb>
{
    public SqliteFleetDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteFleetDb>().UseSqlite("Data Source=design-time").Options);
}

/// <summary>Likewise for PostgreSQL.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresFleetDb>
{
    public PostgresFleetDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresFleetDb>().UseNpgsql("Host=design-time").Options);
}
