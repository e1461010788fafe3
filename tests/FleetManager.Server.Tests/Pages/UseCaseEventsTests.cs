using System.Net.Http.Json;
using Bunit;
using FleetManager.Server.Features.Events.Pages;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class UseCaseEventsTests : IAsyncLifetime
{
    private PageContext _console = null!;
    private HttpClient _api = null!;
    private string _useCase = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await PageContext.StartAsync();
        _api = await _console.Fleet.KeyClientAsync();
        _useCase = await _console.Fleet.AddUseCaseAsync("Assembly line QA");
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _console.CloseAsync();
    }

    [Fact]
    public void List_UnknownUseCase_SaysSo()
    {
        var page = RenderPage("nothing-here");

        page.WaitForAssertion(() => Assert.Equal("No such use case", page.Find(".f-empty h1").TextContent));
    }

    [Fact]
    public async Task List_Empty_FillsItselfWhenTheFirstEventArrives()
    {
        var page = RenderPage();
        page.WaitForAssertion(() => Assert.Equal("No events yet", page.Find(".f-empty h2").TextContent));

        await PostAsync("e1");

        page.WaitForAssertion(() => Assert.Equal(["e1"], Ids(page)));
        page.WaitForAssertion(() => Assert.Equal("1 event", page.Find(".f-total").TextContent));
    }

    [Fact]
    public async Task List_Events_NewestFirstWithVerdictAndText()
    {
        await PostAsync("older", """ "eventType":"inventory_count","eventData":{"itemCount":24,"itemType":"coin","location":"tray-7"} """, minutesAgo: 5);
        await PostAsync("newer", """ "eventType":"quality_check","eventData":{"result":"fail","externalId":"<i>17</i>"} """);

        var page = RenderPage();

        page.WaitForAssertion(() => Assert.Equal(["newer", "older"], Ids(page)));
        Assert.Equal("fail", page.Find("[data-event-id=newer] .f-chip.f-bad").TextContent);
        Assert.Equal("<i>17</i>", page.Find("[data-event-id=newer] .f-result bdi").TextContent);
        Assert.Equal("24 coin · tray-7", page.Find("[data-event-id=older] .f-result bdi").TextContent);
    }

    [Fact]
    public async Task List_EventArrives_AnnouncedWithoutMovingTheList()
    {
        await PostAsync("first");
        var page = RenderPage();
        page.WaitForAssertion(() => Assert.Equal("1 event", page.Find(".f-total").TextContent));

        await PostAsync("second");

        page.WaitForAssertion(() => Assert.Equal("1 new event – show", page.Find(".f-announce").TextContent));
        Assert.Equal(["first"], Ids(page));
        page.Find(".f-announce").Click();
        page.WaitForAssertion(() => Assert.Equal(["second", "first"], Ids(page)));
        Assert.Empty(page.FindAll(".f-announce"));
    }

    [Fact]
    public async Task LoadMore_LongList_EveryEventOnce()
    {
        for (var batch = 0; batch < 2; batch++)
        {
            var events = Enumerable.Range(batch * 60, 60).Select(i => new { eventId = $"e{i:000}", eventType = "custom", useCaseId = _useCase });
            (await _api.PostAsJsonAsync("/vision-events/batch", new { events }, Cancellation)).EnsureSuccessStatusCode();
        }

        var page = RenderPage();
        page.WaitForAssertion(() => Assert.Equal(50, Ids(page).Count));
        LoadMore(page)!.Click();
        page.WaitForAssertion(() => Assert.Equal(100, Ids(page).Count));
        LoadMore(page)!.Click();

        page.WaitForAssertion(() => Assert.Equal(120, Ids(page).Count));
        Assert.Equal(120, Ids(page).Distinct().Count());
        Assert.Null(LoadMore(page));
        Assert.Equal("120 events", page.Find(".f-total").TextContent);
    }

    [Fact]
    public async Task Filter_TypeChosen_InTheAddressAndApplied()
    {
        await PostAsync("alert", """ "eventType":"safety_alert" """);
        await PostAsync("other");
        var page = RenderPage();
        page.WaitForAssertion(() => Assert.Equal(2, Ids(page).Count));

        page.FindAll(".f-filters select")[1].Change("safety_alert");

        page.WaitForAssertion(() => Assert.Equal(["alert"], Ids(page)));
        Assert.EndsWith("?type=safety_alert", _console.Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal("1 event", page.Find(".f-total").TextContent));
    }

    [Fact]
    public async Task Filter_DeviceAndTimeInTheAddress_Applied()
    {
        await PostAsync("wanted", """ "eventType":"custom","deviceId":"cam-1" """);
        await PostAsync("elsewhere", """ "eventType":"custom","deviceId":"cam-2" """);
        await PostAsync("too-old", """ "eventType":"custom","deviceId":"cam-1" """, minutesAgo: 120);
        _console.Navigation.NavigateTo($"/w/default/vision-events/{_useCase}?device=cam-1&range=1h&type=nonsense");

        var page = RenderPage();

        page.WaitForAssertion(() => Assert.Equal(["wanted"], Ids(page)));
    }

    [Fact]
    public async Task Detail_Event_ShowsDataMetadataAndRawJson()
    {
        await PostAsync("with/slash", """ "eventType":"custom","eventData":{"value":"42"},"customMetadata":{"line":"bar","filled":true},"comment":"look & see" """);

        var detail = _console.Render<EventDetail>(p => p.Add(d => d.UseCaseId, _useCase).Add(d => d.EventId, "with/slash").Add(d => d.CloseAddress, "/"));

        detail.WaitForElement(".f-facts");
        Assert.Contains("bar", detail.Markup, StringComparison.Ordinal);
        Assert.Equal("look & see", detail.Find("blockquote").TextContent.Trim());
        Assert.Contains("\"filled\": true", detail.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("an API key", detail.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detail_EventOfAnotherWorkspace_NotFound()
    {
        var others = await _console.Fleet.AddWorkspaceAsync("others");
        var foreign = await _console.Fleet.AddUseCaseAsync("Foreign", others);

        var detail = _console.Render<EventDetail>(p => p.Add(d => d.UseCaseId, foreign).Add(d => d.EventId, "e1").Add(d => d.CloseAddress, "/"));

        detail.WaitForAssertion(() => Assert.Equal("No such event", detail.Find(".f-empty h2").TextContent));
    }

    private IRenderedComponent<UseCaseEvents> RenderPage(string? useCase = null) => _console.Render<UseCaseEvents>(p => p.Add(c => c.UseCaseId, useCase ?? _useCase));

    private static List<string> Ids(IRenderedComponent<UseCaseEvents> page) => [.. page.FindAll("tr[data-event-id]").Select(r => r.GetAttribute("data-event-id")!)];

    private static AngleSharp.Dom.IElement? LoadMore(IRenderedComponent<UseCaseEvents> page) => page.FindAll("button").SingleOrDefault(b => b.TextContent == "Load more");

    private async Task PostAsync(string id, string fields = """ "eventType":"custom" """, int minutesAgo = 0)
    {
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo).ToString("o");
        using var body = new StringContent($$"""{"eventId":"{{id}}","useCaseId":"{{_useCase}}","timestamp":"{{at}}",{{fields}}}""", null, "application/json");
        using var answer = await _api.PostAsync("/vision-events", body, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
