using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>The console as its users see it: what they click, by role and label.</summary>
internal sealed class FleetConsole(IPage page, Uri address)
{
    private const string Password = "a long enough pass phrase";

    public IPage Page => page;

    public ILocator Areas => page.GetByRole(AriaRole.Navigation, new() { Name = "Areas" });

    public Task OpenAsync(string path) => page.GotoAsync(address + path);

    public async Task MakeFirstAdminAsync(Uri link)
    {
        await page.GotoAsync(link.ToString());
        await page.GetByLabel("E-mail").FillAsync("ann@example.com");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.GetByLabel("Repeat password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create admin" }).ClickAsync();
        await Expect(Areas).ToBeVisibleAsync();
    }

    public async Task OpenDeviceAsync(string device)
    {
        await page.GotoAsync(address + "w/default/deployment-manager/devices");
        await page.GetByRole(AriaRole.Link, new() { Name = device }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = device })).ToBeVisibleAsync();
    }

    public async Task EnableBackupAsync(string useCase)
    {
        await page.GetByRole(AriaRole.Switch, new() { Name = "Vision Events Backup" }).ClickAsync();
        await page.GetByLabel("Default use case").FillAsync(useCase);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("applied")).ToBeVisibleAsync();
    }
}
