using Microsoft.Playwright;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>The machine's own Chromium, headless, started by the first test that wants it.</summary>
public sealed class Browser : IAsyncDisposable
{
    private const string DefaultChromium = "/usr/bin/chromium";

    // A small window keeps the screenshots of the README small.
    private static readonly ViewportSize s_window = new() { Width = 1200, Height = 760 };

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> _started = new(StartAsync);

    /// <summary>A window without cookies.</summary>
    public async Task<IPage> OpenAsync()
    {
        var context = await (await _started.Value).Chromium.NewContextAsync(
            new BrowserNewContextOptions { ViewportSize = s_window, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            var (playwright, chromium) = await _started.Value;
            await chromium.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Chromium)> StartAsync()
    {
        var path = Environment.GetEnvironmentVariable("PLAYWRIGHT_CHROMIUM") is { Length: > 0 } given ? given : DefaultChromium;
        Assert.True(File.Exists(path), $"There is no {path}: install Chromium, or set PLAYWRIGHT_CHROMIUM to one.");
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--no-first-run",
            ],
        }));
    }
}
