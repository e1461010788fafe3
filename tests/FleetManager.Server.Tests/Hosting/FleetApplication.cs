using System.Net.Http.Headers;
using FleetManager.Contracts;
using FleetManager.Data;
using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Workspaces;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>The real server on a free port, with its own database and data directory. Make one by <see cref="StartAsync"/>.</summary>
internal sealed class FleetApplication : WebApplicationFactory<Program>
{
    private const string Actor = "test";
    private readonly TestDatabase _database;
    private readonly string _dataDirectory;
    private readonly Action<IWebHostBuilder>? _configure;

    private FleetApplication(TestDatabase database, Action<IWebHostBuilder>? configure)
    {
        _database = database;
        _configure = configure;
        _dataDirectory = database.Kind == DatabaseKind.Sqlite
            ? Path.GetDirectoryName(database.Connection)!
            : Directory.CreateTempSubdirectory("fleet-data-").FullName;
        UseKestrel(0);
    }

    /// <summary>The workspace that the first start makes.</summary>
    public Workspace Workspace { get; private set; } = null!;

    /// <summary>Everything that was logged, one text per entry and per scope.</summary>
    public LogSink Logs { get; } = new();

    public string DataDirectory => _dataDirectory;

    public Uri Address => ClientOptions.BaseAddress;

    /// <summary>Skips the test when this machine has no such database. The callback may set options (<c>UseSetting</c>) and replace services.</summary>
    public static async Task<FleetApplication> StartAsync(DatabaseKind kind = DatabaseKind.Sqlite, Action<IWebHostBuilder>? configure = null)
    {
        var application = new FleetApplication(await TestDatabase.CreateAsync(kind), configure);
        application.StartServer();
        await using var db = application.Open();
        application.Workspace = await db.Workspaces.SingleAsync(w => w.Slug == "default", TestContext.Current.CancellationToken);
        return application;
    }

    public T Service<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public FleetDb Open() => Service<IDbContextFactory<FleetDb>>().CreateDbContext();

    /// <summary>A client without a key, or with the one given.</summary>
    public HttpClient ClientFor(string? secret = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (secret is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        return client;
    }

    /// <summary>A client with a new API key; without scopes it may do everything.</summary>
    public async Task<HttpClient> KeyClientAsync(params string[] scopes) => ClientFor(await MintKeyAsync(scopes));

    public Task<string> MintKeyAsync(params string[] scopes) => MintKeyAsync(Workspace, scopes);

    public async Task<string> MintKeyAsync(Workspace workspace, params string[] scopes) =>
        (await Service<ApiKeyService>().CreateAsync(
            workspace.Id, new NewApiKey("test key", scopes.Length == 0 ? null : scopes), new Grantor(Actor), TestContext.Current.CancellationToken)).Secret!;

    /// <summary>A device as enrollment leaves it.</summary>
    public async Task<TestDevice> AddDeviceAsync(string name = "camera")
    {
        var secret = Secret.New(Secret.DeviceKeyPrefix);
        var id = DeviceId.New(TimeProvider.System);
        var device = new Device
        {
            WorkspaceId = Workspace.Id,
            DeviceId = id.Value,
            Name = name,
            KeyHash = Secret.Hash(secret),
            CreatedAt = TimeProvider.System.GetUtcNow(),
            EnrolledAt = TimeProvider.System.GetUtcNow(),
        };
        await using var db = Open();
        db.Devices.Add(device);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return new TestDevice(id, device.Key, secret);
    }

    public async Task<Workspace> AddWorkspaceAsync(string slug, int historyDays = 400)
    {
        var workspace = new Workspace { Slug = slug, Name = slug, CreatedAt = TimeProvider.System.GetUtcNow(), HistoryDays = historyDays };
        await using var db = Open();
        db.Workspaces.Add(workspace);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return workspace;
    }

    /// <summary>Returns the id of a new use case.</summary>
    public async Task<string> AddUseCaseAsync(string name, Workspace? workspace = null)
    {
        var result = await Service<UseCaseService>().CreateAsync((workspace ?? Workspace).Id, name, Actor, TestContext.Current.CancellationToken);
        return result.UseCase!.Id;
    }

    /// <summary>Takes the database away from under the running server.</summary>
    public ValueTask DropDatabaseAsync() => _database.DropAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
        if (Directory.Exists(_dataDirectory))
        {
            Directory.Delete(_dataDirectory, recursive: true);
        }
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Fleet:DataDirectory", _dataDirectory);
        builder.UseSetting("Fleet:Broker:Port", "0");
        if (_database.Kind == DatabaseKind.Postgres)
        {
            builder.UseSetting("Fleet:Database:Provider", "Postgres");
            builder.UseSetting("ConnectionStrings:Fleet", _database.Connection);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Information));
        _configure?.Invoke(builder);
    }
}

/// <param name="Id">Public id.</param>
/// <param name="Key">Internal key.</param>
/// <param name="Secret">Device key.</param>
internal sealed record TestDevice(DeviceId Id, int Key, string Secret);
