using FleetManager.Data.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(FleetManager.Data.Tests.Databases.PostgresServer))]

namespace FleetManager.Data.Tests.Databases;

/// <summary>
/// One PostgreSQL server per run, started by the first test that wants it: a container when a Docker daemon answers and has the image, else the
/// <c>postgres</c> programs of this machine on a temporary directory. Each test gets a clone of one migrated database.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Template = "fleet_template";
    private readonly SemaphoreSlim _cloning = new(1, 1);
    private readonly Lazy<Task> _started;
    private IPostgresHost? _host;

    public PostgresServer()
    {
        _started = new Lazy<Task>(StartAsync);
        Instance = this;
    }

    internal static PostgresServer Instance { get; private set; } = null!;

    /// <summary>Why there is no server; null when there is one.</summary>
    internal string? Missing { get; private set; }

    internal async Task<PostgresServer> StartedAsync()
    {
        await _started.Value;
        return this;
    }

    internal async Task<string> CloneAsync(string name)
    {
        // A template can be copied by one session at a time.
        await _cloning.WaitAsync();
        try
        {
            await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Template}");
        }
        finally
        {
            _cloning.Release();
        }

        return ConnectionTo(name);
    }

    internal async ValueTask DropAsync(string name) => await ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _cloning.Dispose();
    }

    private async Task StartAsync()
    {
        var (container, whyNotContainer) = await ContainerHost.TryStartAsync();
        var (programs, whyNotPrograms) = container is null ? await ProgramHost.TryStartAsync() : (null, null);
        _host = container ?? (IPostgresHost?)programs;
        if (_host is null)
        {
            Missing = $"no PostgreSQL here: {whyNotContainer}; {whyNotPrograms}";
            return;
        }

        await ExecuteAsync($"CREATE DATABASE {Template}");
        await using (var services = new ServiceCollection().AddPostgresFleetDb(ConnectionTo(Template)).BuildServiceProvider())
        await using (var db = await services.GetRequiredService<IDbContextFactory<FleetDb>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync();
        }
    }

    private string ConnectionTo(string database) =>
        new NpgsqlConnectionStringBuilder(_host!.Connection) { Database = database, MaxPoolSize = 10 }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_host!.Connection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A running server.</summary>
internal interface IPostgresHost : IAsyncDisposable
{
    string Connection { get; }
}
