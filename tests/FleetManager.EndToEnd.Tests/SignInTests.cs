using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

public sealed class SignInTests(Browser browser) : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private ServerProcess _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = new ServerProcess(_directory);
        await _server.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task FirstAdminLink_Followed_OpensTheConsoleOnce()
    {
        var link = await _server.FirstAdminLinkAsync(Cancellation);
        var console = new FleetConsole(await browser.OpenAsync(), _server.Address);

        await console.MakeFirstAdminAsync(link);

        // The old link opens nothing.
        var stranger = await browser.OpenAsync();
        await stranger.GotoAsync(link.ToString());
        await Expect(stranger.GetByLabel("E-mail")).ToHaveCountAsync(0);
        await Expect(stranger.GetByRole(AriaRole.Link, new() { Name = "sign in" })).ToBeVisibleAsync();
        await _server.StopAsync(Cancellation);
        await _server.StartAsync(Cancellation);

        // The cookie outlives the restart; who has none is asked to sign in.
        var again = new FleetConsole(await console.Page.Context.NewPageAsync(), _server.Address);
        await again.OpenAsync("");
        await Expect(again.Areas).ToBeVisibleAsync();
        await stranger.GotoAsync(_server.Address.ToString());
        await Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();

        // A server with a user prints no link; one that was stopped has printed all it had to say.
        await _server.StopAsync(Cancellation);
        Assert.DoesNotContain("fl_", _server.Output, StringComparison.Ordinal);
    }
}
