using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>The console as its users see it: what they click and read, by role and label.</summary>
internal sealed class FleetConsole(IPage page, Uri address)
{
    private const string Password = "a long enough pass phrase";

    // Between two processes on a busy machine.
    private static readonly LocatorAssertionsToBeVisibleOptions s_eventually = new() { Timeout = 60_000 };

    public IPage Page => page;

    public ILocator Areas => page.GetByRole(AriaRole.Navigation, new() { Name = "Areas" });

    public ILocator EventStore => page.GetByRole(AriaRole.Region, new() { Name = "Event Store", Exact = true });

    public ILocator Progress => page.GetByRole(AriaRole.Region, new() { Name = "Vision Events Backup progress" });

    public ILocator Detail => page.GetByRole(AriaRole.Complementary, new() { Name = "Event" });

    public ILocator EventRows => page.Locator("tr[data-event-id]");

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

    public async Task CreateUseCaseAsync(string name)
    {
        await Areas.GetByRole(AriaRole.Link, new() { Name = "Use cases" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create Use Case" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync(name);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = name })).ToBeVisibleAsync();
    }

    public async Task OpenDeviceAsync(string device)
    {
        await Areas.GetByRole(AriaRole.Link, new() { Name = "Devices" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = device }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = device })).ToBeVisibleAsync();
    }

    public async Task EnableBackupAsync(string useCase, string bandwidth, int port)
    {
        await EventStore.GetByRole(AriaRole.Switch, new() { Name = "Vision Events Backup" }).CheckAsync();
        await EventStore.GetByLabel("Default use case").SelectOptionAsync(new SelectOptionValue { Label = useCase });
        await EventStore.GetByLabel("Bandwidth cap").FillAsync(bandwidth);
        await EventStore.GetByLabel("Port").FillAsync(port.ToString(CultureInfo.InvariantCulture));
        await EventStore.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(EventStore.Locator("[data-settings-state=Applied]")).ToBeVisibleAsync(s_eventually);
        await Expect(EventStore.Locator("[data-section=visionEventsBackup]").GetByText("applied", new() { Exact = true })).ToBeVisibleAsync(s_eventually);
    }

    public async Task OpenUseCaseAsync(string useCase)
    {
        await Areas.GetByRole(AriaRole.Link, new() { Name = "Use cases" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = useCase }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = useCase })).ToBeVisibleAsync();
    }

    /// <summary>Ids of every event of the open use case, page after page, as often as each is shown.</summary>
    public async Task<IReadOnlyList<string>> AllEventIdsAsync()
    {
        var more = page.GetByRole(AriaRole.Button, new() { Name = "Load more" });
        for (var shown = await EventRows.CountAsync(); await more.CountAsync() > 0; shown = await EventRows.CountAsync())
        {
            await more.ClickAsync();
            await Expect(EventRows.Nth(shown)).ToBeAttachedAsync();
        }

        return await EventRows.EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.eventId)");
    }

    /// <summary>Waits until the picture shown in the detail is loaded, and gives its natural size.</summary>
    public async Task<(int Width, int Height)> ShownPictureAsync()
    {
        var picture = Detail.Locator("figure img").First;
        await Expect(picture).ToHaveJSPropertyAsync("complete", true);
        var size = await picture.EvaluateAsync<int[]>("i => [i.naturalWidth, i.naturalHeight]");
        return (size[0], size[1]);
    }
}
