using Bunit;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Sync;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices.Pages;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class DevicePagesTests : IAsyncLifetime
{
    private PageContext _console = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await PageContext.StartAsync();

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public void List_NoDevice_SaysWhatToDo()
    {
        var page = _console.Render<DeviceList>();

        page.WaitForAssertion(() => Assert.Equal("No devices yet", page.Find(".f-empty h2").TextContent));
    }

    [Fact]
    public async Task List_DeviceNeverHeard_EverythingUnknown()
    {
        var device = await _console.Fleet.AddDeviceAsync("cam <1>");

        var page = _console.Render<DeviceList>();

        var row = page.WaitForElement($"tr[data-device-id='{device.Id}']");
        Assert.Equal("cam <1>", row.QuerySelector("a")!.TextContent);
        Assert.Equal("unknown", row.QuerySelector("[data-state=Unknown]")!.TextContent);
        Assert.Contains("never heard", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("–", row.QuerySelector(".f-num")!.TextContent);
        Assert.Equal("default", row.QuerySelector("[data-state=Default]")!.TextContent);
    }

    [Fact]
    public async Task Pages_DeviceThatWaitsForItsAgent_SayThatItIsNotEnrolled()
    {
        using var client = await _console.Fleet.KeyClientAsync();
        var (id, _) = await DeviceApi.DeviceFleets.CreateAsync(client, """{"device_name":"Press 4","tags":["hall a"]}""");

        var list = _console.Render<DeviceList>();
        Assert.Contains("not enrolled", list.WaitForElement($"tr[data-device-id='{id}']").TextContent, StringComparison.Ordinal);

        var page = _console.Render<DevicePage>(p => p.Add(d => d.DeviceId, id));
        page.WaitForAssertion(() =>
        {
            Assert.Contains("not yet: it waits for its agent", page.Markup, StringComparison.Ordinal);
            Assert.Contains("hall a", page.Markup, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task List_DeviceComesOnline_ShownByItself()
    {
        var device = await _console.Fleet.AddDeviceAsync();
        var page = _console.Render<DeviceList>();
        page.WaitForElement("[data-state=Unknown]");

        await ReportAsync(device, new SyncReport { Epoch = Guid.NewGuid(), Phase = SyncPhase.Uploading, PendingRecords = 1234 });

        page.WaitForElement("[data-state=Online]");
        Assert.Equal("uploading", page.Find("[data-state=Uploading]").TextContent);
        Assert.Equal("1\u202f234", page.Find("td.f-num").TextContent);
    }

    [Fact]
    public async Task Search_Typed_InTheAddressAndApplied()
    {
        await _console.Fleet.AddDeviceAsync("Press");
        await _console.Fleet.AddDeviceAsync("Oven");
        var page = _console.Render<DeviceList>();
        page.WaitForState(() => page.FindAll("tbody tr").Count == 2);

        page.Find("input[type=search]").Input("OVE");

        page.WaitForAssertion(() => Assert.Equal(["Oven"], page.FindAll("tbody a").Select(a => a.TextContent)));
        Assert.EndsWith("?search=OVE", _console.Navigation.Uri, StringComparison.Ordinal);
        page.Find("input[type=search]").Input("nothing");
        page.WaitForAssertion(() => Assert.Equal("No device matches", page.Find(".f-empty h2").TextContent));
    }

    [Fact]
    public async Task Sort_HeaderClicked_TurnsTheOrder()
    {
        await _console.Fleet.AddDeviceAsync("A");
        await _console.Fleet.AddDeviceAsync("B");
        var page = _console.Render<DeviceList>();
        page.WaitForState(() => page.FindAll("tbody tr").Count == 2);

        page.Find("th button").Click();

        page.WaitForAssertion(() => Assert.Equal(["B", "A"], page.FindAll("tbody a").Select(a => a.TextContent)));
        Assert.Equal("descending", page.Find("th").GetAttribute("aria-sort"));
    }

    [Fact]
    public async Task AddDevice_Submitted_CommandWithATokenThatWorks()
    {
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<DeviceList>();

        page.FindAll("button").Single(b => b.TextContent == "Add device").Click();
        dialogs.WaitForElement("#token-uses").Change("3");
        dialogs.Find("form").Submit();

        var command = dialogs.WaitForElement("[data-enroll-command]").TextContent;
        Assert.Matches("^fleet-agent enroll --server http://localhost --token fe_[0-9a-f]{64}$", command);
        Assert.Contains("shown only now", dialogs.Markup, StringComparison.Ordinal);
        await using var db = _console.Fleet.Open();
        var token = Assert.Single(db.EnrollmentTokens);
        Assert.Equal((3, Secret.Hash(command.Split(' ')[^1]), "ann@example.com"), (token.UsesLeft, token.Hash, token.CreatedBy));
    }

    [Fact]
    public void AddDevice_UsesOutsideTheRange_Refused()
    {
        var dialogs = _console.RenderDialogs();
        var page = _console.Render<DeviceList>();

        page.FindAll("button").Single(b => b.TextContent == "Add device").Click();
        dialogs.WaitForElement("#token-uses").Change("0");
        dialogs.Find("form").Submit();

        dialogs.WaitForAssertion(() => Assert.Contains("from 1 to", dialogs.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        using var db = _console.Fleet.Open();
        Assert.Empty(db.EnrollmentTokens);
    }

    [Fact]
    public async Task Device_OfAnotherWorkspace_NotFound()
    {
        var device = await _console.Fleet.AddDeviceAsync();
        var others = await _console.Fleet.AddWorkspaceAsync("others");

        var page = _console.Render<DevicePage>(p => p
            .Add(d => d.DeviceId, device.Id.Value)
            .AddCascadingValue(_console.Scope with { Id = others.Id, Slug = "others" }));

        page.WaitForAssertion(() => Assert.Equal("No such device", page.Find(".f-empty h1").TextContent));
    }

    [Fact]
    public async Task Device_Reports_ProgressMovesLive()
    {
        var device = await _console.Fleet.AddDeviceAsync("Line 1");
        var epoch = Guid.NewGuid();
        await ReportAsync(device, new SyncReport { Epoch = epoch, Phase = SyncPhase.Offline, PendingRecords = 75, BackedUpRecords = 25, LastSeq = 100 });
        var page = _console.Render<DevicePage>(p => p.Add(d => d.DeviceId, device.Id.Value));
        page.WaitForAssertion(() => Assert.Equal("25", page.Find("[role=progressbar]").GetAttribute("aria-valuenow")));
        Assert.Contains("can not reach this server", page.Markup, StringComparison.Ordinal);

        await ReportAsync(device, new SyncReport { Epoch = epoch, Phase = SyncPhase.Idle, PendingRecords = 0, BackedUpRecords = 100, LastSeq = 100 });

        page.WaitForAssertion(() => Assert.Equal("100", page.Find("[role=progressbar]").GetAttribute("aria-valuenow")));
        Assert.Equal("Line 1", page.Find("h1").TextContent);
    }

    // What the device's uplinks leave in the database.
    private async Task ReportAsync(TestDevice device, SyncReport report)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var db = _console.Fleet.Open();
        var status = await db.DeviceStatuses.FindAsync([device.Key], Cancellation);
        if (status is null)
        {
            status = new DeviceStatus { DeviceKey = device.Key, WorkspaceId = _console.Scope.Id };
            db.DeviceStatuses.Add(status);
        }

        (status.Connected, status.ConnectionChangedAt, status.LastUplinkAt, status.Presence) = (true, now, now, "online");
        (status.SyncAt, status.SyncPhase, status.PendingRecords) = (now, report.Phase.ToString(), report.PendingRecords);
        status.Sync = System.Text.Json.JsonSerializer.Serialize(report, ContractsJson.Default.SyncReport);
        status.Hardware = System.Text.Json.JsonSerializer.Serialize(
            new HardwareSummary("host", "Linux", "12", "x64", 2, 1L << 30, 1L << 34), ContractsJson.Default.HardwareSummary);
        await db.SaveChangesAsync(Cancellation);
        _console.Publish(ChangeKind.Device, device.Id.Value);
    }
}
