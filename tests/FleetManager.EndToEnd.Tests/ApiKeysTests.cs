using System.Net;
using System.Net.Http.Headers;
using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>A person makes a key in a browser, a program uses it, and the person ends it.</summary>
public sealed class ApiKeysTests(Browser browser) : ServerTests
{
    [Fact]
    public async Task Key_MadeRolledAndDisabledInTheBrowser_WorksAccordingly()
    {
        var console = new FleetConsole(await browser.OpenAsync(), Server.Address);
        var page = console.Page;
        await console.MakeFirstAdminAsync(await Server.FirstAdminLinkAsync(Cancellation));
        await console.Areas.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create API key" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync("Line 1");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var first = await SecretAsync(dialog);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(first));

        await page.GetByRole(AriaRole.Button, new() { Name = "Roll Line 1" }).ClickAsync();
        await dialog.GetByLabel("The old secret").SelectOptionAsync(new SelectOptionValue { Value = "24" });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Roll" }).ClickAsync();
        var second = await SecretAsync(dialog);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await CallAsync(first), await CallAsync(second)));
        await Expect(page.GetByText("old secret good until")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Disable Line 1" }).ClickAsync();
        await Expect(page.Locator("[data-state=disabled]")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(second));
    }

    private static async Task<string> SecretAsync(ILocator dialog)
    {
        var secret = (await dialog.Locator("[data-secret]").TextContentAsync())!;
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        return secret;
    }

    private async Task<HttpStatusCode> CallAsync(string secret)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Address, "vision-events/use-cases"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
