using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The reference page in a real browser that reaches this server and nothing else.</summary>
public sealed class ApiReferenceTests(Browser browser) : ServerTests
{
    // The first document takes a busy machine a while.
    private static readonly LocatorAssertionsToBeVisibleOptions s_eventually = new() { Timeout = 60_000 };

    [Fact]
    public async Task Docs_WithoutAnotherHost_ShowsTheRoutesAndBreaksNoPolicy()
    {
        var page = await browser.OpenAsync();
        var (elsewhere, refused) = (new List<string>(), new List<string>());
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Server.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                elsewhere.Add(request.Url);
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                refused.Add(message.Text);
            }
        };

        await page.GotoAsync(Server.Address + "docs");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "FleetManager API" })).ToBeVisibleAsync(s_eventually);
        await Expect(page.GetByText("Create up to 100 events").First).ToBeAttachedAsync();
        await page.GotoAsync(Server.Address + "docs#tag/vision-events/POST/vision-events");
        await Expect(page.GetByText("vision-events:write").First).ToBeAttachedAsync();
        Assert.Empty(elsewhere);
        Assert.Empty(refused);
    }
}
