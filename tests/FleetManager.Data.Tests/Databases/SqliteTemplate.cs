using FleetManager.Data.Setup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(FleetManager.Data.Tests.Databases.SqliteTemplate))]

namespace FleetManager.Data.Tests.Databases;

/// <summary>A migrated SQLite file, made once per run; tests copy it.</summary>
public sealed class SqliteTemplate : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-template-").FullName;
    private readonly Lazy<Task<string>> _path;

    public SqliteTemplate()
    {
        _path = new Lazy<Task<string>>(MakeAsync);
        Instance = this;
    }

    internal static SqliteTemplate Instance { get; private set; } = null!;

    internal Task<string> PathAsync() => _path.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> MakeAsync()
    {
        var path = Path.Combine(_folder, "template.db");
        await using (var services = new ServiceCollection().AddSqliteFleetDb(path).BuildServiceProvider())
        await using (var db = await services.GetRequiredService<IDbContextFactory<FleetDb>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync();
            // What is still in the write-ahead log would be missing from a copy of the file.
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        SqliteConnection.ClearAllPools();
        return path;
    }
}
