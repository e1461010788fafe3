using Bunit;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Pages;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

/// <summary>A person deletes the event that is open beside the list.</summary>
public sealed class EventDeletionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_Confirmed_IsGoneFromListAndDatabaseInThePersonsName()
    {
        var (console, useCase, page, dialogs) = await AskedAsync();

        var asked = dialogs.Find("form").TextContent;
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal(["kept"], Ids(page)));
        page.WaitForAssertion(() => Assert.Equal("1 event", page.Find(".f-total").TextContent));
        Assert.Contains("Quality check event “a/b <i>” will be deleted for good", asked, StringComparison.Ordinal);
        Assert.EndsWith($"/vision-events/{useCase}?type=quality_check", console.Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal(["Event “a/b <i>” is deleted."], Told(console));
        await using var db = console.Fleet.Open();
        Assert.Equal(["kept"], await db.Events.Select(e => e.EventId).ToListAsync(Cancellation));
        Assert.Equal(console.Scope.Email, (await db.AuditEntries.SingleAsync(a => a.Action == "events.deleted", Cancellation)).Actor);
        await console.CloseAsync();
    }

    [Fact]
    public async Task Delete_Cancelled_KeepsTheEvent()
    {
        var (console, _, page, dialogs) = await AskedAsync();

        dialogs.FindAll("button").Single(b => b.TextContent == "Cancel").Click();

        dialogs.WaitForAssertion(() => Assert.Empty(dialogs.FindAll("form")));
        Assert.Equal(["a/b <i>", "kept"], Ids(page));
        await using var db = console.Fleet.Open();
        Assert.Equal(2, await db.Events.CountAsync(Cancellation));
        await console.CloseAsync();
    }

    [Fact]
    public async Task Delete_SomebodyElseWasFirst_SaysSoAndIsGoneFromTheListToo()
    {
        var (console, useCase, page, dialogs) = await AskedAsync();

        await console.Fleet.Service<EventDeleteService>().DeleteAsync(console.Scope.Id, useCase, ["a/b <i>"], "bob@example.com", Cancellation);
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal(["kept"], Ids(page)));
        Assert.Equal(["Event “a/b <i>” was already gone: somebody else deleted it first."], Told(console));
        await console.CloseAsync();
    }

    [Fact]
    public async Task Delete_DatabaseAway_SaysSoAndTheEventStays()
    {
        var (console, _, page, dialogs) = await AskedAsync();

        await console.Fleet.DropDatabaseAsync();
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("does not answer", page.Find(".f-panel [role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal(["a/b <i>", "kept"], Ids(page));
        Assert.Empty(Told(console));
        await console.CloseAsync();
    }

    [Fact]
    public async Task Viewer_SeesTheEventWithoutTheButton()
    {
        var console = await PageContext.StartAsync(role: "viewer");
        var useCase = await EventsAsync(console);

        var page = Render(console, useCase);

        page.WaitForElement(".f-panel .f-facts");
        Assert.Empty(page.FindAll("[aria-label='Delete event']"));
        await console.CloseAsync();
    }

    /// <summary>The event is open beside the list, its button was clicked, and the dialog asks.</summary>
    private static async Task<(PageContext Console, string UseCase, IRenderedComponent<UseCaseEvents> Page, IRenderedComponent<MudDialogProvider> Dialogs)> AskedAsync()
    {
        var console = await PageContext.StartAsync();
        var useCase = await EventsAsync(console);
        var dialogs = console.RenderDialogs();
        var page = Render(console, useCase);
        page.WaitForElement("[aria-label='Delete event']").Click();
        dialogs.WaitForElement("form");
        return (console, useCase, page, dialogs);
    }

    private static async Task<string> EventsAsync(PageContext console)
    {
        var useCase = await console.Fleet.AddUseCaseAsync("Deleted from");
        using var api = await console.Fleet.KeyClientAsync();
        foreach (var (id, seconds) in new[] { ("kept", 2), ("a/b <i>", 1) })
        {
            var at = TimeProvider.System.GetUtcNow().AddSeconds(-seconds);
            await api.PostJsonAsync("/vision-events", $$"""{"eventId":"{{id}}","eventType":"quality_check","useCaseId":"{{useCase}}","timestamp":"{{at:o}}"}""");
        }

        console.Navigation.NavigateTo($"/w/default/vision-events/{useCase}/a/b%20%3Ci%3E?type=quality_check");
        return useCase;
    }

    private static IRenderedComponent<UseCaseEvents> Render(PageContext console, string useCase) =>
        console.Render<UseCaseEvents>(p => p.Add(c => c.UseCaseId, useCase).Add(c => c.EventId, "a/b <i>"));

    private static List<string> Ids(IRenderedComponent<UseCaseEvents> page) => [.. page.FindAll("tr[data-event-id]").Select(r => r.GetAttribute("data-event-id")!)];

    private static IEnumerable<string?> Told(PageContext console) => console.Services.GetRequiredService<ISnackbar>().ShownSnackbars.Select(s => s.Message);
}
