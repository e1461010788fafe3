using Microsoft.Playwright;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>The machine's own Chromium, headless, started once for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string DefaultChromium = "/usr/bin/chromium";

    // A small window keeps the screenshots of the README small.
    private static readonly ViewportSize s_window = new() { Width = 1120, Height = 720 };

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("PLAYWRIGHT_CHROMIUM") is { Length: > 0 } path ? path : DefaultChromium;
        Assert.True(File.Exists(chromium), $"There is no {chromium}: install Chromium, or set PLAYWRIGHT_CHROMIUM to one.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--no-first-run",
            ],
        });
    }

    /// <summary>A window without cookies; its faults in the console are kept for failure messages.</summary>
    public async Task<IPage> OpenAsync()
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ViewportSize = s_window, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
