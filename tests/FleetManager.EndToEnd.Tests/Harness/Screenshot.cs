using Microsoft.Playwright;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Pictures of the console for the README, written only when FLEET_UPDATE_SCREENSHOTS=1, so that a test run changes no file.</summary>
internal static class Screenshot
{
    private static readonly bool s_wanted = Environment.GetEnvironmentVariable("FLEET_UPDATE_SCREENSHOTS") == "1";

    // Pictures below the window load when they are scrolled to.
    private const string PicturesLoaded =
        "() => [...document.images].every(i => i.getBoundingClientRect().top > innerHeight || (i.complete && i.naturalWidth > 0))";

    public static async Task TakeAsync(IPage page, string name)
    {
        if (!s_wanted)
        {
            return;
        }

        await page.WaitForFunctionAsync(PicturesLoaded);
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Repository.Root, "docs", "images", name + ".png"),
            Animations = ScreenshotAnimations.Disabled,
        });
    }
}
