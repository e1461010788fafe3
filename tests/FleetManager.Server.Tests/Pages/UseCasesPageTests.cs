using Bunit;
using FleetManager.Server.Features.UseCases;
using UseCasesPage = FleetManager.Server.Features.UseCases.Pages.UseCases;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class UseCasesPageTests : IAsyncLifetime
{
    private PageContext _console = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await PageContext.StartAsync();

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public void List_NoUseCase_SaysWhatToDo()
    {
        var page = _console.Render<UseCasesPage>();

        page.WaitForAssertion(() => Assert.Equal("No use cases yet", page.Find(".f-empty h2").TextContent));
    }

    [Fact]
    public void Create_NameTyped_AppearsInList()
    {
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<UseCasesPage>();

        Button(page, "Create Use Case").Click();
        dialogs.WaitForElement("#dialog-name").Input("Assembly <b>line</b>");
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal("Assembly <b>line</b>", page.Find("tbody a").TextContent));
        Assert.Equal("/w/default/vision-events/assembly-b-line-b", page.Find("tbody a").GetAttribute("href"));
        Assert.Empty(dialogs.FindAll("form"));
    }

    [Fact]
    public async Task Create_NameTaken_DialogStaysWithTheReason()
    {
        await _console.Fleet.AddUseCaseAsync("Welding");
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<UseCasesPage>();

        Button(page, "Create Use Case").Click();
        dialogs.WaitForElement("#dialog-name").Input("welding");
        dialogs.Find("form").Submit();

        dialogs.WaitForAssertion(() => Assert.Contains("already a use case named", dialogs.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal("welding", dialogs.Find("#dialog-name").GetAttribute("value"));
    }

    [Fact]
    public async Task Archive_Confirmed_MovesToArchivedView()
    {
        var id = await _console.Fleet.AddUseCaseAsync("Welding");
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<UseCasesPage>();

        page.WaitForElement("[aria-label='Archive Welding']").Click();
        dialogs.WaitForElement("form").Submit();

        page.WaitForAssertion(() => Assert.Equal("No use cases yet", page.Find(".f-empty h2").TextContent));
        _console.Navigation.NavigateTo("/w/default/vision-events?archived=true");
        page.WaitForElement("[aria-label='Unarchive Welding']").Click();
        page.WaitForAssertion(() => Assert.Equal("No archived use cases", page.Find(".f-empty h2").TextContent));
        var useCase = await _console.Fleet.Service<UseCaseService>().FindAsync(_console.Scope.Id, id, Cancellation);
        Assert.False(useCase!.Archived);
    }

    [Fact]
    public async Task List_UseCaseMadeElsewhere_AppearsByItself()
    {
        var page = _console.Render<UseCasesPage>();
        page.WaitForElement(".f-empty");

        await _console.Fleet.AddUseCaseAsync("Made by a script");

        page.WaitForAssertion(() => Assert.Equal("Made by a script", page.Find("tbody a").TextContent));
    }

    [Fact]
    public async Task List_OtherWorkspacesUseCase_NotShown()
    {
        var others = await _console.Fleet.AddWorkspaceAsync("others");
        await _console.Fleet.AddUseCaseAsync("Foreign", others);

        var page = _console.Render<UseCasesPage>();

        page.WaitForAssertion(() => Assert.Equal("No use cases yet", page.Find(".f-empty h2").TextContent));
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<UseCasesPage> page, string text) => page.FindAll("button").Single(b => b.TextContent == text);
}
