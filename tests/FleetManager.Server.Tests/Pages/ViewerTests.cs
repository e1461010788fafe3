using Bunit;
using FleetManager.Server.Features.Devices.Pages;
using UseCasesPage = FleetManager.Server.Features.UseCases.Pages.UseCases;

namespace FleetManager.Server.Tests.Pages;

/// <summary>A viewer sees everything, is shown no way to change it, and could not if there were one.</summary>
public sealed class ViewerTests : IAsyncLifetime
{
    private PageContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await PageContext.StartAsync(role: "viewer");

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public async Task UseCases_Viewer_SeesThemWithoutActions()
    {
        await _console.Fleet.AddUseCaseAsync("Welding");

        var page = _console.Render<UseCasesPage>();

        page.WaitForAssertion(() => Assert.Equal("Welding", page.Find("tbody a").TextContent));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() is "Create Use Case" or "Rename" or "Archive");
    }

    [Fact]
    public void Devices_Viewer_CanNotAdd()
    {
        var page = _console.Render<DeviceList>();

        page.WaitForAssertion(() => Assert.Equal("No devices yet", page.Find(".f-empty h2").TextContent));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() == "Add device");
    }

    [Fact]
    public void Actor_Viewer_Refused() => Assert.Throws<UnauthorizedAccessException>(() => _console.Scope.Actor);
}
