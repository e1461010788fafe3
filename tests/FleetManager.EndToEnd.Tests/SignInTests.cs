using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

public sealed class SignInTests(Browser browser) : ServerTests
{
    [Fact]
    public async Task FirstAdminLink_Followed_OpensTheConsoleOnce()
    {
        var link = await Server.FirstAdminLinkAsync(Cancellation);
        var console = new FleetConsole(await browser.OpenAsync(), Server.Address);

        await console.MakeFirstAdminAsync(link);

        // The old link opens nothing.
        var stranger = await browser.OpenAsync();
        await stranger.GotoAsync(link.ToString());
        await Expect(stranger.GetByLabel("E-mail")).ToHaveCountAsync(0);
        await Expect(stranger.GetByRole(AriaRole.Link, new() { Name = "sign in" })).ToBeVisibleAsync();
        await Server.StopAsync(Cancellation);
        await Server.StartAsync(Cancellation);

        // The cookie outlives the restart; who has none is asked to sign in.
        var again = new FleetConsole(await console.Page.Context.NewPageAsync(), Server.Address);
        await again.OpenAsync("");
        await Expect(again.Areas).ToBeVisibleAsync();
        await stranger.GotoAsync(Server.Address.ToString());
        await Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();

        // A server with a user prints no link; one that was stopped has printed all it had to say.
        await Server.StopAsync(Cancellation);
        Assert.DoesNotContain("fl_", Server.Output, StringComparison.Ordinal);
    }
}
