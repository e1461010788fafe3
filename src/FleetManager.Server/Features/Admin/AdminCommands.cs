using System.CommandLine;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Workspaces;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary>
/// <c>FleetManager.Server admin …</c> (design 5.5). Whoever may start these commands owns the data directory anyway, so they ask for no
/// password. A fault is one sentence on standard error and a non-zero exit.
/// </summary>
internal static class AdminCommands
{
    private const string Actor = "admin";

    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var (command, configuration) = AdminArguments.Split(arguments);
        var admin = new Command("admin", "Administers this server: users, keys, tokens, schema, backups. Takes the server's --Fleet:… flags too.")
        {
            new Command("user", "People who sign in to the console") { UserAdd(configuration) },
            new Command("api-key", "Keys of programs") { ApiKeyCreate(configuration) },
            new Command("enrollment-token", "Invitations for devices") { TokenCreate(configuration) },
            Migrate(configuration),
            BackupCommands.Backup(configuration),
            BackupCommands.Restore(configuration),
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

    private static Command ApiKeyCreate(string[] configuration)
    {
        var name = new Option<string>("--name") { Required = true, Description = "What the key is for" };
        var workspace = new Option<string>("--workspace") { DefaultValueFactory = _ => WorkspaceService.FirstSlug, Description = "Slug of its workspace" };
        var scopes = new Option<string?>("--scopes") { Description = $"Some of {string.Join(", ", Scopes.All)}, separated by commas; all when absent" };
        var command = new Command("create", "Makes a key; prints only the key, which can not be had again") { name, workspace, scopes };
        command.SetAction(async (result, cancellationToken) =>
        {
            var granted = result.GetValue(scopes) is { } list ? ParseScopes(list) : null;
            if (string.IsNullOrWhiteSpace(result.GetRequiredValue(name)))
            {
                throw new StartFault("--name must say what the key is for.");
            }

            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
            var workspaceId = await WorkspaceAsync(host, result.GetRequiredValue(workspace), cancellationToken);
            Print(await host.Services.GetRequiredService<KeyService>()
                .CreateApiKeyAsync(workspaceId, result.GetRequiredValue(name), granted, Actor, cancellationToken));
        });
        return command;
    }

    private static Command TokenCreate(string[] configuration)
    {
        var uses = new Option<int>("--uses") { DefaultValueFactory = _ => 1, Description = "Devices that it admits" };
        var expires = new Option<string>("--expires") { DefaultValueFactory = _ => "1h", Description = $"How long it is good: {Lifetime.Form}" };
        var workspace = new Option<string>("--workspace") { DefaultValueFactory = _ => WorkspaceService.FirstSlug, Description = "Slug of its workspace" };
        var command = new Command("create", "Makes a token; prints only the token, which can not be had again") { uses, expires, workspace };
        command.SetAction(async (result, cancellationToken) =>
        {
            if (!Lifetime.TryParse(result.GetRequiredValue(expires), out var lifetime))
            {
                throw new StartFault($"--expires must be {Lifetime.Form}.");
            }

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

    private static List<string> ParseScopes(string list)
    {
        var scopes = new List<string>();
        foreach (var text in list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            scopes.Add(Scopes.TryNormalize(text, out var scope)
                ? scope
                : throw new StartFault($"There is no scope '{text}': the scopes are {string.Join(", ", Scopes.All)}."));
        }

        return scopes.Count > 0 ? scopes : throw new StartFault("--scopes names no scope; leave it out to grant all.");
    }

    private static async Task<int> WorkspaceAsync(IHost host, string slug, CancellationToken cancellationToken) =>
        (await host.Services.GetRequiredService<WorkspaceService>().FindAsync(slug, cancellationToken))?.Id
        ?? throw new StartFault($"There is no workspace '{slug}': check --workspace.");

    private static string ServerAddress(IHost host)
    {
        var urls = host.Services.GetRequiredService<IConfiguration>()["urls"] ?? "http://127.0.0.1:5080";
        return BindingAddress.Parse(urls.Split(';')[0]) is var address && address.Host is "+" or "*" or "0.0.0.0" or "[::]"
            ? $"{address.Scheme}://127.0.0.1:{address.Port}"
            : urls.Split(';')[0].TrimEnd('/');
    }

    private static void Print(string line) => Console.Out.WriteLine(line);
}
