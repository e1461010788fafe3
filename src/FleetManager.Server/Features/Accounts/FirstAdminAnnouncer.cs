using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace FleetManager.Server.Features.Accounts;

/// <summary>
/// As long as there is no user, every start prints one line with a fresh link that makes the first admin, after the server listens, so
/// that the address is the real one. Scripts look for the line: its form is part of the product.
/// </summary>
internal sealed class FirstAdminAnnouncer(LinkService links, IServer server, TextWriter output) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await links.RenewFirstAdminAsync(cancellationToken) is { } path)
        {
            await output.WriteLineAsync($"First admin: {Address()}{path}".AsMemory(), cancellationToken);
            await output.FlushAsync(cancellationToken);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Address()
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1:5080";

        // A wildcard is no address that a browser can open.
        return address.TrimEnd('/')
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//*", "//127.0.0.1", StringComparison.Ordinal);
    }
}
