using System.Globalization;
using System.Net.Sockets;
using FleetManager.Data;
using FleetManager.Data.Setup;
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

        var options = Read(builder.Configuration);
        MakeDataDirectory(options);
        builder.Services.AddDataProtection()
            .SetApplicationName("FleetManager")
            .PersistKeysToFileSystem(new DirectoryInfo(options.PathOf("keys")));
        AddDatabase(builder, options);
        return options;
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
                await app.StartAsync();
            }
            catch (Exception fault) when (fault is SocketException or IOException { InnerException: AddressInUseException })
            {
                var port = app.Services.GetRequiredService<IOptions<FleetOptions>>().Value.Broker.Port;
                var isBroker = fault.Message.Contains(string.Create(CultureInfo.InvariantCulture, $":{port}:"), StringComparison.Ordinal);
                throw new StartFault($"{fault.Message} Set {(isBroker ? "Fleet:Broker:Port" : "--urls")} to a free address and port.", fault);
            }

            await app.WaitForShutdownAsync();
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

        var result = new FleetOptionsValidator().Validate(null, options);
        return result.Failed ? throw new StartFault(string.Join(Environment.NewLine, result.Failures)) : options;
    }

    private static void MakeDataDirectory(FleetOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.PathOf("keys"));
            var probe = options.PathOf(".writable");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"Fleet:DataDirectory ({Path.GetFullPath(options.DataDirectory)}) can not be written: {fault.Message}", fault);
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

        builder.Services.AddPostgresFleetDb(connection);
    }
}
