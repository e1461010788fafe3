using Bunit;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Pages;
using FleetManager.Server.Tests.Hosting;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class EventFeedbackTests
{
    [Fact]
    public async Task Buttons_ClickedTwiceByOneUser_KeepTheLastVerdict()
    {
        var console = await PageContext.StartAsync();
        var useCase = await EventAsync(console);
        var part = Render(console, useCase);
        part.WaitForAssertion(() => Assert.Contains("Nobody has reviewed", part.Markup, StringComparison.Ordinal));

        part.Find("textarea").Change("a <b>scratch</b>");
        part.Find("[data-verdict=correct]").Click();
        part.WaitForAssertion(() => Assert.Equal("Correct", part.Find(".f-reviews .f-good").TextContent));
        part.Find("[data-verdict=incorrect]").Click();

        part.WaitForAssertion(() => Assert.Equal("Incorrect", part.Find(".f-reviews .f-bad").TextContent));
        Assert.Equal("ann@example.com", part.Find(".f-reviews bdi").TextContent);
        Assert.Equal("a <b>scratch</b>", part.Find(".f-reviews blockquote").TextContent.Trim());
        Assert.Equal("true", part.Find("[data-verdict=incorrect]").GetAttribute("aria-pressed"));
        await console.CloseAsync();
    }

    [Fact]
    public async Task List_VerdictByKeyArrives_AppearsAsUnknown()
    {
        var console = await PageContext.StartAsync();
        var useCase = await EventAsync(console);
        var part = Render(console, useCase);
        part.WaitForElement(".f-muted");

        using var api = await console.Fleet.KeyClientAsync();
        await api.PostJsonAsync(
            "/vision-events", $$"""{"eventType":"operator_feedback","useCaseId":"{{useCase}}","eventData":{"relatedEventId":"e","feedback":"inconclusive"} }""");

        part.WaitForAssertion(() => Assert.Equal("Unknown", part.Find(".f-reviews bdi").TextContent));
        await console.CloseAsync();
    }

    [Fact]
    public async Task Viewer_SeesVerdictsWithoutButtons()
    {
        var console = await PageContext.StartAsync(role: "viewer");
        var useCase = await EventAsync(console);
        await console.Fleet.Service<FeedbackService>().GiveAsync(
            console.Scope with { Role = "owner", Email = "bob@example.com" }, useCase, "e", Verdicts.Correct, null, TestContext.Current.CancellationToken);

        var part = Render(console, useCase);

        part.WaitForAssertion(() => Assert.Equal("bob@example.com", part.Find(".f-reviews bdi").TextContent));
        Assert.Empty(part.FindAll("button, textarea"));
        await console.CloseAsync();
    }

    private static async Task<string> EventAsync(PageContext console)
    {
        var useCase = await console.Fleet.AddUseCaseAsync("Reviewed");
        using var api = await console.Fleet.KeyClientAsync();
        await api.PostJsonAsync("/vision-events", $$"""{"eventId":"e","eventType":"custom","useCaseId":"{{useCase}}"}""");
        return useCase;
    }

    private static IRenderedComponent<EventFeedback> Render(PageContext console, string useCase) =>
        console.Render<EventFeedback>(p => p.Add(f => f.UseCaseId, useCase).Add(f => f.EventId, "e"));
}
