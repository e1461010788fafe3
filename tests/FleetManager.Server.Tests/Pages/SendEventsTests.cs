using Bunit;
using FleetManager.Server.Features.Events.Pages;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

/// <summary>What the page shows; that its commands run as they stand is shown by a real browser and shell, in the end-to-end tests.</summary>
public sealed class SendEventsTests : IAsyncLifetime
{
    private PageContext _console = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await PageContext.StartAsync();

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public async Task Key_Created_StandsInEveryCommandAndMaySendOnly()
    {
        var id = await _console.Fleet.AddUseCaseAsync("Welding");
        var page = Render(id);
        Assert.Contains("Bearer YOUR_API_KEY", page.WaitForElement("[data-snippet=curl]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Send events to Welding", page.Find("#key-name").GetAttribute("value"));

        page.Find("form").Submit();

        var secret = page.WaitForElement("[data-secret]").TextContent;
        foreach (var way in SendSnippets.Ways)
        {
            page.FindAll(".f-switcher button").Single(b => b.TextContent == way).Click();
            Assert.All(page.FindAll("pre"), s => Assert.DoesNotContain("YOUR_API_KEY", s.TextContent, StringComparison.Ordinal));
            Assert.All(page.FindAll("pre"), s => Assert.Contains(id, s.TextContent, StringComparison.Ordinal));
            Assert.Equal(way != SendSnippets.Device, page.FindAll("pre").All(s => s.TextContent.Contains(secret, StringComparison.Ordinal)));
        }

        var made = Assert.Single(await _console.Fleet.Service<ApiKeyService>().ListAsync(_console.Scope.Id, Cancellation));
        Assert.Equal(["vision-events:write"], made.Scopes);
        Assert.Equal("Send events to Welding", made.Name);
        Assert.DoesNotContain(secret, Render(id).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_NameEmpty_SaysWhatIsWrong()
    {
        var page = Render(await _console.Fleet.AddUseCaseAsync("Welding"));

        page.WaitForElement("#key-name").Input(" ");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("1 to 100 characters", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Name_LongUseCase_StillMakesAKey()
    {
        var page = Render(await _console.Fleet.AddUseCaseAsync(new string('x', 256)));

        page.WaitForElement("form").Submit();

        page.WaitForElement("[data-secret]");
    }

    [Fact]
    public void UseCase_Unknown_SaysSo()
    {
        var page = Render("nowhere");

        page.WaitForAssertion(() => Assert.Equal("No such use case", page.Find("h1").TextContent));
    }

    [Fact]
    public async Task UseCase_Archived_WarnsThatEventsAreRefused()
    {
        var id = await _console.Fleet.AddUseCaseAsync("Old");
        await _console.Fleet.Service<UseCaseService>().ArchiveAsync(_console.Scope.Id, id, "test", Cancellation);

        var page = Render(id);

        page.WaitForAssertion(() => Assert.Contains("archived", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EmptyUseCase_LinksHere()
    {
        var id = await _console.Fleet.AddUseCaseAsync("Welding");

        var page = _console.Render<UseCaseEvents>(p => p.Add(c => c.UseCaseId, id));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll($"a[href='/w/default/use-cases/{id}/send']").Count));
    }

    [Fact]
    public async Task Viewer_SeesCommandsWithoutAWayToMakeAKey()
    {
        var viewer = await PageContext.StartAsync(role: "viewer");
        var id = await viewer.Fleet.AddUseCaseAsync("Welding");

        var page = viewer.Render<SendEvents>(p => p.Add(c => c.UseCaseId, id));

        Assert.Contains("YOUR_API_KEY", page.WaitForElement("[data-snippet=curl]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("form"));
        await viewer.CloseAsync();
    }

    private IRenderedComponent<SendEvents> Render(string useCaseId) => _console.Render<SendEvents>(p => p.Add(c => c.UseCaseId, useCaseId));
}
