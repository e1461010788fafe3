using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The reference page in a real browser that reaches this server and nothing else.</summary>
public sealed class ApiReferenceTests(Browser browser) : IAsyncLifetime
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
    public async Task Docs_WithoutAnotherHost_ShowsTheRoutesAndBreaksNoPolicy()
    {
        var page = await browser.OpenAsync();
        var (elsewhere, refused) = (new List<string>(), new List<string>());
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_server.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
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

        await page.GotoAsync(_server.Address + "docs");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "FleetManager API" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Create up to 100 events").First).ToBeAttachedAsync();
        await page.GotoAsync(_server.Address + "docs#tag/vision-events/POST/vision-events");
        await Expect(page.GetByText("vision-events:write").First).ToBeAttachedAsync();
        await Screenshot.TakeAsync(page, "api-reference");
        Assert.Empty(elsewhere);
        Assert.Empty(refused);
    }
}
