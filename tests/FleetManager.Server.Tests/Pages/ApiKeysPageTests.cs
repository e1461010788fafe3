using Bunit;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;
using ApiKeysPage = FleetManager.Server.Features.Keys.Pages.ApiKeys;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class ApiKeysPageTests : IAsyncLifetime
{
    private static readonly Grantor s_script = new("script");

    private PageContext _console = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ApiKeyService Keys => _console.Fleet.Service<ApiKeyService>();

    public async ValueTask InitializeAsync() => _console = await PageContext.StartAsync();

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public void List_NoKey_SaysWhatAKeyIsFor()
    {
        var page = _console.Render<ApiKeysPage>();

        page.WaitForAssertion(() => Assert.Equal("No API keys yet", page.Find(".f-empty h2").TextContent));
    }

    [Fact]
    public async Task List_DatabaseAway_SaysSo()
    {
        await _console.Fleet.DropDatabaseAsync();

        var page = _console.Render<ApiKeysPage>();

        page.WaitForAssertion(() => Assert.Contains("could not be read", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Create_ScopesAndExpiryChosen_SecretIsShownOnceAndWorks()
    {
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<ApiKeysPage>();

        page.WaitForElement("button.f-primary").Click();
        dialogs.WaitForElement("#key-name").Input("Line <1>");
        dialogs.Find("[data-scope='vision-events:write']").Change(false);
        dialogs.Find("#key-expiry").Change("30");
        dialogs.Find("form").Submit();

        var secret = dialogs.WaitForElement("[data-secret]").TextContent;
        page.WaitForAssertion(() => Assert.Equal("Line <1>", page.Find("tbody .f-strong").TextContent));
        Assert.Contains("vision-events:read", page.Find("tbody tr").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, page.Markup, StringComparison.Ordinal);
        using var client = _console.Fleet.ClientFor(secret);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetForAnswerAsync("/vision-events/use-cases")).Status);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await client.PostJsonAsync("/vision-events", "{}")).Status);
        var made = Assert.Single(await Keys.ListAsync(_console.Scope.Id, Cancellation));
        Assert.InRange((made.ExpiresAt!.Value - made.CreatedAt).TotalDays, 29.9, 30.1);
        Assert.Equal(_console.Scope.Email, made.CreatedBy);
    }

    [Fact]
    public void Create_NoScope_DialogStaysWithTheReason()
    {
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<ApiKeysPage>();

        page.WaitForElement("button.f-primary").Click();
        dialogs.WaitForElement("#key-name").Input("x");
        dialogs.Find("[data-scope='vision-events:read']").Change(false);
        dialogs.Find("[data-scope='vision-events:write']").Change(false);
        dialogs.Find("form").Submit();

        dialogs.WaitForAssertion(() => Assert.Contains("no scope", dialogs.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DisableEnableDelete_Clicked_FollowInTheList()
    {
        await Keys.CreateAsync(_console.Scope.Id, new NewApiKey("press"), s_script, Cancellation);
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<ApiKeysPage>();

        await ClickAsync("Disable press");
        page.WaitForElement("[data-state=disabled]");
        await ClickAsync("Enable press");
        page.WaitForElement("[data-state=active]");
        await ClickAsync("Delete press");
        dialogs.WaitForElement("form").Submit();

        page.WaitForAssertion(() => Assert.Equal("No API keys yet", page.Find(".f-empty h2").TextContent));

        // Found and clicked in one turn of the page: a change that is announced draws it anew at any moment.
        Task ClickAsync(string label)
        {
            page.WaitForElement($"[aria-label='{label}']");
            return page.InvokeAsync(() => page.Find($"[aria-label='{label}']").Click());
        }
    }

    [Fact]
    public async Task Roll_WithOverlap_ShowsTheNewSecretAndHowLongTheOldOneIsGood()
    {
        var made = await Keys.CreateAsync(_console.Scope.Id, new NewApiKey("press"), s_script, Cancellation);
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<ApiKeysPage>();

        page.WaitForElement("[aria-label='Roll press']").Click();
        dialogs.WaitForElement("#roll-overlap").Change("24");
        dialogs.Find("form").Submit();

        var secret = dialogs.WaitForElement("[data-secret]").TextContent;
        Assert.NotEqual(made.Secret, secret);
        page.WaitForAssertion(() => Assert.Contains("old secret good until", page.Find("tbody tr").TextContent, StringComparison.Ordinal));
        Assert.Contains(secret[..9], page.Find("tbody code").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Viewer_SeesKeysWithoutActions()
    {
        var viewer = await PageContext.StartAsync(role: "viewer");
        await viewer.Fleet.Service<ApiKeyService>().CreateAsync(viewer.Scope.Id, new NewApiKey("press"), s_script, Cancellation);

        var page = viewer.Render<ApiKeysPage>();

        page.WaitForAssertion(() => Assert.Equal("press", page.Find("tbody .f-strong").TextContent));
        Assert.Empty(page.FindAll("button"));
        await viewer.CloseAsync();
    }
}
