using System.Security.Claims;
using Bunit;
using FleetManager.Data.Accounts;
using FleetManager.Server.Components.Layout;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Tests.Accounts;
using FleetManager.Server.Tests.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Components;

public sealed class MainLayoutTests : IAsyncLifetime
{
    private PageContext _console = null!;
    private User _owner = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await PageContext.StartAsync();
        using var visitor = await ConsoleVisitor.OwnerAsync(_console.Fleet);
        await using var db = _console.Fleet.Open();
        _owner = await db.Users.SingleAsync(Cancellation);
        _console.Services.AddSingleton(_console.Fleet.Service<MembershipService>());
        _console.Services.AddSingleton<AntiforgeryStateProvider, NoToken>();
    }

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public void OwnWorkspace_AllAreasAndThePage()
    {
        var layout = RenderAt("/w/default/vision-events", "the page");

        layout.WaitForAssertion(() => Assert.Equal("the page", layout.Find("main").TextContent.Trim()));
        Assert.Equal(["Vision Events", "Deployment Manager", "Workspace"], layout.FindAll("nav[aria-label=Areas] h2").Select(h => h.TextContent));
        Assert.Equal("Default workspace", layout.Find(".f-workspace").TextContent);
    }

    [Fact]
    public async Task ForeignWorkspace_NotFoundAndNothingOfThePage()
    {
        await _console.Fleet.AddWorkspaceAsync("others");

        var layout = RenderAt("/w/others/vision-events", "the page");

        layout.WaitForAssertion(() => Assert.Contains("Not found", layout.Find("main").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("the page", layout.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Fails_SaidWithAWayOn()
    {
        var fails = true;
        var layout = RenderAt("/w/default/vision-events", builder => builder.AddContent(0, fails ? throw new InvalidOperationException("broken") : "healed"));
        layout.WaitForAssertion(() => Assert.Contains("This page failed", layout.Find("[role=alert]").TextContent, StringComparison.Ordinal));

        fails = false;
        layout.Find("[role=alert] button").Click();

        layout.WaitForAssertion(() => Assert.Equal("healed", layout.Find("main").TextContent.Trim()));
    }

    private IRenderedComponent<MainLayout> RenderAt(string path, string body) => RenderAt(path, builder => builder.AddContent(0, body));

    private IRenderedComponent<MainLayout> RenderAt(string path, RenderFragment body)
    {
        _console.JSInterop.Setup<FleetManager.Server.Components.Browser.Facts>("fleet.connect", _ => true).SetResult(new(false, "UTC"));
        _console.Navigation.NavigateTo(path);
        ClaimsPrincipal user = ConsoleUser.ToPrincipal(_owner);
        return _console.Render<MainLayout>(p => p.Add(l => l.Body, body).AddCascadingValue(Task.FromResult(new AuthenticationState(user))));
    }

    private sealed class NoToken : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
    }
}
