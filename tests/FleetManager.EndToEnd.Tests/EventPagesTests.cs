using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The pages of events in a real browser: what long words do to the layout, and what two windows do to each other.</summary>
public sealed class EventPagesTests(Browser browser) : ServerTests
{
    private const string Root = "w/default/vision-events";
    private static readonly string s_longId = new('x', 200);

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1200, ColorScheme.Light)]
    public async Task Pages_WithLongWords_FitTheWindow(int width, ColorScheme scheme)
    {
        var (page, useCase) = await SignInAsync("A line whose name is long and ends in " + new string('W', 50));
        using var api = await Server.NewApiAsync(Cancellation);
        await api.CreateEventAsync(
            new JsonObject
            {
                ["eventId"] = s_longId,
                ["eventType"] = "custom",
                ["useCaseId"] = useCase,
                ["deviceId"] = new string('d', 200),
                ["eventData"] = new JsonObject { ["value"] = new string('W', 900), ["own"] = new string('o', 300) },
                ["customMetadata"] = new JsonObject { [new string('k', 100)] = new string('v', 1000) },
                ["comment"] = new string('c', 500),
            },
            Cancellation);
        await page.SetViewportSizeAsync(width, 800);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });

        foreach (var (path, shows) in new[]
        {
            (Root, $"[data-use-case-id='{useCase}']"),
            ($"{Root}/{useCase}", ".f-warn"),
            ($"{Root}/{useCase}/{s_longId}", ".f-panel .f-facts"),
            ($"{Root}/{useCase}/nothing", ".f-panel .f-empty"),
            ($"w/default/use-cases/{useCase}/send", "[data-snippet]"),
            ("w/default/api-keys", "[data-key-id]"),
            ("w/default/deployment-manager/devices", ".f-empty"),
        })
        {
            await page.GotoAsync(Server.Address + path);
            await Expect(page.Locator(shows).First).ToBeVisibleAsync();
            var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
            Assert.True(wide <= 0, $"{path} is {wide} pixels wider than the window.");
            var panel = await page.EvaluateAsync<int>("() => { const p = document.querySelector('.f-panel'); return p ? p.scrollWidth - p.clientWidth : 0; }");
            Assert.True(panel <= 0, $"The panel of {path} is {panel} pixels too wide.");
        }

        // A warning must be seen, however long the text beside it.
        await page.GotoAsync($"{Server.Address}{Root}/{useCase}");
        await page.Locator(".f-warn").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".f-warn")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Event_DeletedInTwoWindows_IsGoneFromBothAndTheSecondIsTold()
    {
        var (first, useCase) = await SignInAsync("Welding");
        var second = await first.Context.NewPageAsync();
        using var api = await Server.NewApiAsync(Cancellation);
        await api.CreateEventAsync(new JsonObject { ["eventId"] = "a/b", ["eventType"] = "custom", ["useCaseId"] = useCase }, Cancellation);
        foreach (var window in new[] { first, second })
        {
            await window.GotoAsync($"{Server.Address}{Root}/{useCase}/a/b");
            await window.GetByRole(AriaRole.Button, new() { Name = "Delete event" }).ClickAsync();
            await Expect(window.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Custom event “a/b” will be deleted for good");
        }

        foreach (var (window, told) in new[] { (first, "Event “a/b” is deleted."), (second, "somebody else deleted it first") })
        {
            await window.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
            await Expect(window.GetByText(told)).ToBeVisibleAsync();
            await Expect(window).ToHaveURLAsync($"{Server.Address}{Root}/{useCase}");
            await Expect(window.GetByRole(AriaRole.Heading, new() { Name = "No events yet" })).ToBeVisibleAsync();
        }

        Assert.Empty(await api.QueryAllAsync(useCase, Cancellation));
    }

    private async Task<(IPage Page, string UseCase)> SignInAsync(string useCase)
    {
        var console = new FleetConsole(await browser.OpenAsync(), Server.Address);
        await console.MakeFirstAdminAsync(await Server.FirstAdminLinkAsync(Cancellation));
        await console.CreateUseCaseAsync(useCase);
        using var api = await Server.NewApiAsync(Cancellation);
        return (console.Page, (string)(await api.UseCasesAsync(Cancellation)).Single()["id"]!);
    }
}
