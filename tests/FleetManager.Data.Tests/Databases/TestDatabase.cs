using FleetManager.Data.Setup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Data.Tests.Databases;

/// <summary>A migrated, empty database of one test: a copy of a template, gone with the test.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly Func<ValueTask> _drop;
    private readonly Lazy<ServiceProvider> _services;
    private bool _dropped;

    private TestDatabase(DatabaseKind kind, string connection, Func<ValueTask> drop)
    {
        Kind = kind;
        Connection = connection;
        _drop = drop;
        _services = new Lazy<ServiceProvider>(() => AddTo(new ServiceCollection()).BuildServiceProvider());
    }

    public DatabaseKind Kind { get; }

    /// <summary>Path of the SQLite file, or connection string of the PostgreSQL database.</summary>
    public string Connection { get; }

    public IDbContextFactory<FleetDb> Factory => _services.Value.GetRequiredService<IDbContextFactory<FleetDb>>();

    public IServiceProvider Services => _services.Value;

    /// <summary>Skips the test, saying why, when this machine has no database of that kind.</summary>
    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            var folder = Directory.CreateTempSubdirectory("fleet-test-").FullName;
            var path = Path.Combine(folder, "fleet.db");
            File.Copy(await SqliteTemplate.Instance.PathAsync(), path);
            return new TestDatabase(kind, path, () => DeleteAsync(folder));
        }

        var server = await PostgresServer.Instance.StartedAsync();
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        var name = $"t{Guid.NewGuid():n}";
        var connection = await server.CloneAsync(name);
        return new TestDatabase(kind, connection, () => server.DropAsync(name));
    }

    public FleetDb Open() => Factory.CreateDbContext();

    public IServiceCollection AddTo(IServiceCollection services) =>
        Kind == DatabaseKind.Sqlite ? services.AddSqliteFleetDb(Connection) : services.AddPostgresFleetDb(Connection);

    /// <summary>Takes the database away while it is in use.</summary>
    public async ValueTask DropAsync()
    {
        if (!_dropped)
        {
            _dropped = true;
            await _drop();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_services.IsValueCreated)
        {
            await _services.Value.DisposeAsync();
        }

        await DropAsync();
    }

    private static ValueTask DeleteAsync(string folder)
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
