using Microsoft.Playwright;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Pictures of the console for the README, written only when FLEET_UPDATE_SCREENSHOTS=1, so that a test run changes no file.</summary>
internal static class Screenshot
{
    private static readonly bool s_wanted = Environment.GetEnvironmentVariable("FLEET_UPDATE_SCREENSHOTS") == "1";

    public static async Task TakeAsync(IPage page, string name)
    {
        if (!s_wanted)
        {
            return;
        }

        // Lets pictures load and the last transition end.
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Repository.Root, "docs", "images", name + ".png"),
            Animations = ScreenshotAnimations.Disabled,
        });
    }
}
