using FleetManager.Data.Accounts;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Workspaces;
using FleetManager.Server.Messaging;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Identity;

namespace FleetManager.Server.Features.Admin;

/// <summary>
/// What an admin command stands on: the server's options and database, and the services that it uses; nothing is started, so a command
/// works beside a running server. Logs go to standard error: standard output is the answer, which scripts read.
/// </summary>
internal static class AdminHost
{
    /// <summary>A host whose database is up to date and has its first workspace.</summary>
    public static async Task<IHost> OpenAsync(string[] configuration, CancellationToken cancellationToken, Action<IHostApplicationBuilder>? more = null)
    {
        var builder = Builder(configuration);
        builder.AddFleetHost();
        builder.AddEnrollment();
        builder.Services.AddSingleton<WorkspaceService>();
        builder.Services.AddSingleton<KeyService>();
        builder.Services.AddSingleton<ApiKeyService>();
        builder.Services.AddSingleton<DeviceLink>();
        builder.Services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        builder.Services.AddSingleton<SignInGate>();
        builder.Services.AddSingleton<LinkService>();
        builder.Services.AddSingleton<AccountService>();
        more?.Invoke(builder);

        var host = builder.Build();
        await HostSetup.MigrateAsync(host.Services, cancellationToken);
        await host.Services.GetRequiredService<WorkspaceService>().EnsureFirstAsync(cancellationToken);
        return host;
    }

    /// <summary>The server's options, without touching anything.</summary>
    public static FleetOptions ReadOptions(string[] configuration) => HostSetup.Read(Builder(configuration).Configuration);

    private static HostApplicationBuilder Builder(string[] configuration)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = configuration, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }
}
