using System.CommandLine;
using System.Globalization;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary><c>admin api-key …</c>: the same service as the console and REST. A running server follows within two seconds.</summary>
internal static class ApiKeyCommands
{
    private static readonly Grantor s_admin = new(AdminCommands.Actor);

    public static Command All(string[] configuration) => new("api-key", "Keys of programs")
    {
        Create(configuration),
        List(configuration),
        Roll(configuration),
        Change(configuration, "disable", "Switches a key off; it can be enabled again", (keys, workspace, id, c) =>
            keys.ChangeAsync(workspace, id, new ApiKeyChange { Disabled = true }, s_admin, c)),
        Change(configuration, "enable", "Switches a disabled key on again", (keys, workspace, id, c) =>
            keys.ChangeAsync(workspace, id, new ApiKeyChange { Disabled = false }, s_admin, c)),
        Change(configuration, "delete", "Ends a key for good", (keys, workspace, id, c) => keys.DeleteAsync(workspace, id, s_admin, c)),
    };

    private static Command Create(string[] configuration)
    {
        var name = new Option<string>("--name") { Required = true, Description = "What the key is for" };
        var workspace = AdminCommands.Workspace();
        var scopes = new Option<string?>("--scopes") { Description = $"Some of {string.Join(", ", Scopes.All)}, separated by commas; all when absent" };
        var expires = new Option<string?>("--expires") { Description = $"How long it is good: {Lifetime.Form}; for ever when absent" };
        var command = new Command("create", "Makes a key; prints only the key, which can not be had again") { name, workspace, scopes, expires };
        command.SetAction(async (result, cancellationToken) =>
        {
            var lifetime = result.GetValue(expires) is { } text ? Lifetime.Parse("--expires", text) : (TimeSpan?)null;
            var granted = result.GetValue(scopes)?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
            await RunAsync(configuration, result.GetRequiredValue(workspace), (keys, id, now, c) =>
                keys.CreateAsync(id, new NewApiKey(result.GetRequiredValue(name), granted, now + lifetime), s_admin, c), cancellationToken);
        });
        return command;
    }

    private static Command List(string[] configuration)
    {
        var workspace = AdminCommands.Workspace();
        var command = new Command("list", "Prints a line per key: id, prefix, status, scopes, expiry, last use, name; separated by tabs") { workspace };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
            var id = await AdminCommands.WorkspaceAsync(host, result.GetRequiredValue(workspace), cancellationToken);
            foreach (var key in await host.Services.GetRequiredService<ApiKeyService>().ListAsync(id, cancellationToken))
            {
                AdminCommands.Print(string.Join('\t', key.Id, key.Prefix, key.Status.ToString().ToLowerInvariant(),
                    key.Scopes is null ? "all" : string.Join(',', key.Scopes), Time(key.ExpiresAt), Time(key.LastUsedAt), key.Name));
            }
        });
        return command;
    }

    private static Command Roll(string[] configuration)
    {
        var overlap = new Option<string?>("--overlap") { Description = $"How long the old key stays good beside the new one: {Lifetime.Form}; not at all when absent" };
        var (id, workspace) = (Id(), AdminCommands.Workspace());
        var command = new Command("roll", "Gives a key a new secret; prints only the key, which can not be had again") { id, overlap, workspace };
        command.SetAction((result, cancellationToken) =>
        {
            var length = result.GetValue(overlap) is { } text ? Lifetime.Parse("--overlap", text) : TimeSpan.Zero;
            return RunAsync(configuration, result.GetRequiredValue(workspace), (keys, workspaceId, _, c) =>
                keys.RollAsync(workspaceId, result.GetRequiredValue(id), length, s_admin, c), cancellationToken);
        });
        return command;
    }

    private static Command Change(
        string[] configuration, string verb, string what, Func<ApiKeyService, int, int, CancellationToken, Task<ApiKeyResult>> change)
    {
        var (id, workspace) = (Id(), AdminCommands.Workspace());
        var command = new Command(verb, what) { id, workspace };
        command.SetAction((result, cancellationToken) => RunAsync(configuration, result.GetRequiredValue(workspace), (keys, workspaceId, _, c) =>
            change(keys, workspaceId, result.GetRequiredValue(id), c), cancellationToken));
        return command;
    }

    private static async Task RunAsync(
        string[] configuration,
        string workspace,
        Func<ApiKeyService, int, DateTimeOffset, CancellationToken, Task<ApiKeyResult>> work,
        CancellationToken cancellationToken)
    {
        using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
        var id = await AdminCommands.WorkspaceAsync(host, workspace, cancellationToken);
        var now = host.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var result = await work(host.Services.GetRequiredService<ApiKeyService>(), id, now, cancellationToken);
        if (result.Message is { } fault)
        {
            throw new StartFault(fault);
        }

        if (result.Secret is { } secret)
        {
            AdminCommands.Print(secret);
        }
    }

    private static Argument<int> Id() => new("id") { Description = "Id of the key, as list prints it" };

    private static string Time(DateTimeOffset? at) => at?.ToString("u", CultureInfo.InvariantCulture) ?? "never";
}
