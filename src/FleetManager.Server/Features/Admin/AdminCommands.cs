using System.CommandLine;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Workspaces;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary>
/// <c>FleetManager.Server admin …</c> (design 5.5). Whoever may start these commands owns the data directory anyway, so they ask for no
/// password. A fault is one sentence on standard error and a non-zero exit.
/// </summary>
internal static class AdminCommands
{
    /// <summary>Whoever uses the command line, as written to the audit log.</summary>
    public const string Actor = "admin";

    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var (command, configuration) = AdminArguments.Split(arguments);
        var admin = new Command("admin", "Administers this server: users, keys, tokens, schema, backups. Takes the server's --Fleet:… flags too.")
        {
            new Command("user", "People who sign in to the console") { UserAdd(configuration) },
            ApiKeyCommands.All(configuration),
            new Command("enrollment-token", "Invitations for devices") { TokenCreate(configuration) },
            Migrate(configuration),
            BackupCommands.Backup(configuration),
            BackupCommands.Restore(configuration),
            ImportCommand.Create(configuration),
        };
        return new RootCommand("FleetManager server; without a command it runs.") { admin }.Parse(["admin", .. command]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static Command UserAdd(string[] configuration)
    {
        var email = new Option<string>("--email") { Required = true, Description = "E-mail address of the person" };
        var role = new Option<string>("--role") { DefaultValueFactory = _ => Roles.Owner, Description = string.Join(", ", Roles.All) };
        var command = new Command("add", "Adds a person, or lets one back in; prints a link that sets a password, once") { email, role };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
            var added = await host.Services.GetRequiredService<AccountService>()
                .AddUserAsync(result.GetRequiredValue(email), result.GetRequiredValue(role), cancellationToken);
            Print(added.LinkPath is { } path ? ServerAddress(host) + path : throw new StartFault(added.Fault!));
        });
        return command;
    }

    private static Command TokenCreate(string[] configuration)
    {
        var uses = new Option<int>("--uses") { DefaultValueFactory = _ => 1, Description = "Devices that it admits" };
        var expires = new Option<string>("--expires") { DefaultValueFactory = _ => "1h", Description = $"How long it is good: {Lifetime.Form}" };
        var workspace = Workspace();
        var command = new Command("create", "Makes a token; prints only the token, which can not be had again") { uses, expires, workspace };
        command.SetAction(async (result, cancellationToken) =>
        {
            var lifetime = Lifetime.Parse("--expires", result.GetRequiredValue(expires));
            if (EnrollmentService.Fault(result.GetValue(uses), lifetime) is { } fault)
            {
                throw new StartFault($"--uses or --expires: {fault}.");
            }

            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
            var workspaceId = await WorkspaceAsync(host, result.GetRequiredValue(workspace), cancellationToken);
            Print(await host.Services.GetRequiredService<EnrollmentService>()
                .CreateTokenAsync(workspaceId, result.GetValue(uses), lifetime, Actor, cancellationToken));
        });
        return command;
    }

    private static Command Migrate(string[] configuration)
    {
        var command = new Command("migrate", "Brings the database up to date; every start of the server does so too");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
        });
        return command;
    }

    public static Option<string> Workspace() =>
        new("--workspace") { DefaultValueFactory = _ => WorkspaceService.FirstSlug, Description = "Slug of the workspace" };

    public static async Task<int> WorkspaceAsync(IHost host, string slug, CancellationToken cancellationToken) =>
        (await host.Services.GetRequiredService<WorkspaceService>().FindAsync(slug, cancellationToken))?.Id
        ?? throw new StartFault($"There is no workspace '{slug}': check --workspace.");

    private static string ServerAddress(IHost host)
    {
        var urls = host.Services.GetRequiredService<IConfiguration>()["urls"] ?? "http://127.0.0.1:5080";
        return BindingAddress.Parse(urls.Split(';')[0]) is var address && address.Host is "+" or "*" or "0.0.0.0" or "[::]"
            ? $"{address.Scheme}://127.0.0.1:{address.Port}"
            : urls.Split(';')[0].TrimEnd('/');
    }

    public static void Print(string line) => Console.Out.WriteLine(line);
}
