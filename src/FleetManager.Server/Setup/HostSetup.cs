using System.Net.Sockets;
using System.Reflection;
using FleetManager.Data;
using FleetManager.Data.Setup;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Workspaces;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Setup;

/// <summary>Options, clock, data directory and database: what the server and the admin commands both stand on.</summary>
internal static class HostSetup
{
    public static FleetOptions AddFleetHost(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<FleetOptions>, FleetOptionsValidator>();
        builder.Services.AddOptions<FleetOptions>().BindConfiguration(FleetOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ChangeFeed>();

        // A start that fails is told once, by the program: the host would put its stack before it. What ends a running host is critical, and stays.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddSingleton<DataDirectoryLock>();

        var options = Read(builder.Configuration);
        MakeDataDirectory(options);
        builder.Services.AddDataProtection()
            .SetApplicationName("FleetManager")
            .PersistKeysToFileSystem(new DirectoryInfo(options.PathOf("keys")));
        AddDatabase(builder, options);
        return options;
    }

    /// <summary>What comes before serving: the directory is this server's own, the schema is up to date, there is a workspace, and images have a store.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        services.GetRequiredService<DataDirectoryLock>().Take();
        await MigrateAsync(services, cancellationToken);
        await services.GetRequiredService<WorkspaceService>().EnsureFirstAsync(cancellationToken);
        await services.GetRequiredService<IImageStore>().PrepareAsync(cancellationToken);
    }

    /// <summary>Brings the schema up to date; a start that can not reach its database says so and stops.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var factory = services.GetRequiredService<IDbContextFactory<FleetDb>>();
        try
        {
            await using var db = await factory.CreateDbContextAsync(cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }
        catch (System.Data.Common.DbException fault)
        {
            throw new StartFault(
                $"The database can not be opened: {fault.Message} Set Fleet:Database:Provider and, for Postgres, ConnectionStrings:Fleet; "
                + "for Sqlite the file is in Fleet:DataDirectory.",
                fault);
        }
    }

    /// <summary>Runs until the host is stopped; a port that can not be had is a fault that names its key.</summary>
    public static async Task RunFleetAsync(this WebApplication app)
    {
        await using (app)
        {
            try
            {
                await StartAsync(app);
            }
            // The broker names its own keys; what is left are the addresses of --urls, of which a wrong one is told in many ways.
            catch (Exception fault) when (fault is SocketException or IOException { InnerException: AddressInUseException })
            {
                throw new StartFault($"{fault.Message} Set --urls to a free address and port.", fault);
            }
            catch (Exception fault) when (fault is FormatException or ArgumentException or InvalidOperationException)
            {
                throw new StartFault($"{fault.Message} Set --urls to addresses such as http://127.0.0.1:5080.", fault);
            }

            await app.WaitForShutdownAsync();
        }
    }

    /// <summary>What did start is stopped before the fault goes on: workers that are only cut off would each tell of it before the one sentence.</summary>
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.StopAsync();
            throw;
        }
    }

    public static FleetOptions Read(IConfiguration configuration)
    {
        FleetOptions options;
        try
        {
            options = configuration.GetSection(FleetOptions.Section).Get<FleetOptions>() ?? new FleetOptions();
        }
        catch (InvalidOperationException fault)
        {
            throw new StartFault(fault.InnerException is { } inner ? $"{fault.Message} {inner.Message}" : fault.Message, fault);
        }

        // A key that nothing knows is a typing error, and the default in its place is not what was meant.
        if (UnknownKeys(configuration.GetSection(FleetOptions.Section), typeof(FleetOptions)).ToList() is { Count: > 0 } unknown)
        {
            throw new StartFault($"This server has no setting {string.Join(", ", unknown)}: correct or remove it.");
        }

        var result = new FleetOptionsValidator().Validate(null, options);
        return result.Failed ? throw new StartFault(string.Join(Environment.NewLine, result.Failures)) : options;
    }

    private static IEnumerable<string> UnknownKeys(IConfigurationSection section, Type options) => section.GetChildren().SelectMany(child =>
        options.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is { } property
            ? UnknownKeys(child, property.PropertyType)
            : [child.Path]);

    private static void MakeDataDirectory(FleetOptions options)
    {
        try
        {
            foreach (var folder in new[] { "", "keys", "images", "renditions" })
            {
                MakePrivate(options.PathOf(folder));
                var probe = Path.Combine(options.PathOf(folder), ".writable");
                File.WriteAllText(probe, "");
                File.Delete(probe);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"Fleet:DataDirectory ({Path.GetFullPath(options.DataDirectory)}) can not be written: {fault.Message}", fault);
        }
    }

    /// <summary>What is made here holds password hashes, events and images: its owner only. A directory that is there keeps its rights.</summary>
    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void AddDatabase(IHostApplicationBuilder builder, FleetOptions options)
    {
        if (options.Database.Provider == "Sqlite")
        {
            builder.Services.AddSqliteFleetDb(options.PathOf("fleet.db"));
            return;
        }

        var connection = builder.Configuration.GetConnectionString("Fleet");
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new StartFault("ConnectionStrings:Fleet must be set when Fleet:Database:Provider is Postgres");
        }

        try
        {
            // Read here, where the key is known: later it would fail whoever opens the first connection.
            _ = new Npgsql.NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException fault)
        {
            throw new StartFault($"ConnectionStrings:Fleet can not be read, such as Host=localhost;Username=fleet;Password=…;Database=fleet: {fault.Message}", fault);
        }

        builder.Services.AddPostgresFleetDb(connection);
    }
}
