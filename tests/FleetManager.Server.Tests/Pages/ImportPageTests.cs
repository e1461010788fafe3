using Bunit;
using FleetManager.Server.Features.AirGap.Pages;
using FleetManager.Server.Tests.AirGap;
using Microsoft.AspNetCore.Components.Forms;

namespace FleetManager.Server.Tests.Pages;

public sealed class ImportPageTests
{
    [Fact]
    public async Task Archive_ThatIsChosen_IsTakenInAndAnotherIsRefusedInWords()
    {
        var console = await PageContext.StartAsync();
        var export = Export.Of(await console.Fleet.AddDeviceAsync());
        export.Batch(export.Event(await console.Fleet.AddUseCaseAsync("air gap"), 1));
        var page = console.Render<ImportExport>();

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(export.Write(), "backlog.tar"));
        page.WaitForAssertion(() => Assert.Contains("1 new event", page.Find("[data-import-result]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(30));

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("hello", "other.tar"));
        page.WaitForAssertion(() => Assert.Contains("ends too early", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        await console.CloseAsync();
    }

    [Fact]
    public async Task Viewer_GetsNoWayToImport()
    {
        var console = await PageContext.StartAsync("viewer");

        var page = console.Render<ImportExport>();

        Assert.Empty(page.FindComponents<InputFile>());
        await console.CloseAsync();
    }
}
